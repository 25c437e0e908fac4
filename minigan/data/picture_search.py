"""Find the pictures in a folder and its sub-folders, by the ends of their names.

The work is proportional to the number of files: no folder is searched twice, whatever links lead
to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from minigan.errors import UserError

SUFFIXES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
)
MIN_PICTURES = 10
LONGEST_SUFFIX, MOST_SUFFIXES = 10, 5  # of the files that are not used, in a sentence


def find_pictures(folder: Path, least: int = MIN_PICTURES) -> tuple[list[Path], Counter[str]]:
    """The sorted paths of the pictures, and the number of other files by the end of their names.

    They are sorted because the order of a directory listing is arbitrary. Raises UserError if
    there are fewer than `least`.
    """
    if not folder.exists():
        raise UserError(f"the folder {folder} does not exist: give the folder of your pictures")
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: give the folder of your pictures")
    paths, others = list[Path](), Counter[str]()
    try:
        for path in _files(folder):
            if path.suffix.lower() in SUFFIXES:
                paths.append(path)
            else:
                others[path.suffix if len(path.suffix) <= LONGEST_SUFFIX else ""] += 1
    except OSError as error:
        raise UserError(f"cannot read the folder {error.filename}: {error.strerror}") from None
    if len(paths) < least:
        also = f" (not counted: {files_in_words(others)})" if others else ""
        raise UserError(
            f"{folder} contains {len(paths)} pictures{also}, but at least {least} "
            f"{'is' if least == 1 else 'are'} needed: files whose names end in "
            f"{', '.join(SUFFIXES)}"
        )
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix()), others


def files_in_words(others: Counter[str]) -> str:
    """The number of files that are not pictures, in words, with the most frequent suffixes."""
    shown = [(suffix, count) for suffix, count in others.most_common() if suffix][:MOST_SUFFIXES]
    total, rest = others.total(), others.total() - sum(count for _, count in shown)
    ends = [f"{count:,} {suffix}" for suffix, count in shown]
    ends += [f"{rest:,} with another name"] if rest else []
    return f"{total:,} file{'s' * (total != 1)} ({', '.join(ends)})"


def _files(folder: Path) -> Iterator[Path]:
    """All files in the folder and its sub-folders that are not hidden; links are followed.

    Links can lead to a folder in many ways: it is an error if a folder is reached twice.
    """
    found, waiting = dict[tuple[int, int], Path](), [folder]
    while waiting:
        current = waiting.pop()
        status = current.stat()
        key = status.st_dev, status.st_ino
        if key in found:
            raise UserError(f"{current} leads to the same folder as {found[key]}: remove the link")
        found[key] = current
        for path in current.iterdir():
            if path.name.startswith("."):
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path
