"""Where a published data set is looked for, and where a download puts it.

    --data-dir DIR        DIR/mnist, DIR, and nowhere else
    MINIGAN_DATA=DIR      DIR/mnist, DIR, then the cache
    neither               the user's cache, in the platform's usual place

The folder of the set's own name comes first, because MNIST and Fashion-MNIST have files of the same
names: DIR may hold the one and DIR/fashion-mnist the other. A download goes where it will be found.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import platformdirs

from minigan.data import idx
from minigan.data.catalogue import CatalogueEntry, File
from minigan.errors import UserError

VARIABLE = "MINIGAN_DATA"


def candidates(published: CatalogueEntry, data_dir: Path | None) -> list[Path]:
    """The folders that may hold the set, in the order in which they are asked."""
    base = _base(data_dir)
    given = [] if base is None else [base / published.name, base]
    return given if data_dir is not None else [*given, _cache(published)]


def find(published: CatalogueEntry, data_dir: Path | None) -> Path | None:
    """The first of the candidates that holds all four files, each plain or .gz; else None."""
    folders = candidates(published, data_dir)
    return next((folder for folder in folders if not missing(published, folder)), None)


def missing(published: CatalogueEntry, folder: Path) -> list[File]:
    """The files of the set that `folder` does not hold, all of them where it cannot be opened."""
    return [file for file in published.files if not os.path.exists(path_of(folder, file))]


def path_of(folder: Path, file: File) -> Path:
    """The path of a file in its folder: the .gz, unless only the plain file is there.

    The .gz comes first because it is what a download writes: where a file is damaged, to fetch it
    again mends it, whichever of the two it was.
    """
    plain, packed = folder / file.name, folder / f"{file.name}.gz"
    return plain if os.path.exists(plain) and not os.path.exists(packed) else packed


def home(published: CatalogueEntry, data_dir: Path | None) -> Path:
    """The folder that a download of the set goes into: once it is full, `find` returns it.

    DIR/name for --data-dir DIR or else MINIGAN_DATA=DIR; DIR itself where it has the name of the
    set. (Files that lie in another DIR may be those of another set: they are never written over.)
    """
    base = _base(data_dir)
    if base is None:
        return _cache(published)
    inner = base / published.name
    named = os.path.basename(os.path.abspath(base)) == published.name
    return base if named and missing(published, inner) else inner


def fetch_command(published: CatalogueEntry, data_dir: Path | None) -> str:
    """The command that downloads the set to where this `data_dir` will find it."""
    option = "" if data_dir is None else f" --data-dir {shlex.quote(str(data_dir))}"
    return f"minigan data fetch {published.name}{option}"


def found(published: CatalogueEntry, data_dir: Path | None) -> str:
    """The folder that holds the set, or the sentence that says how to get it.

    The smallest file is read, which tells the set from another whose files have the same names.
    """
    folder = find(published, data_dir)
    if folder is None:
        return missing_sentence(published, data_dir)
    try:
        labels = published.test_labels
        idx.read(path_of(folder, labels), labels, f"try: {fetch_command(published, data_dir)}")
    except UserError as error:
        return f"not usable: {error}"
    return str(folder)


def missing_sentence(published: CatalogueEntry, data_dir: Path | None) -> str:
    """One sentence for the user where `find` returned None: what is missing, how to get it."""
    if data_dir is not None and (trouble := _trouble(data_dir)):
        return (
            f"the folder {data_dir} of --data-dir cannot be opened: {trouble}; name one that holds "
            f"{published.name}, or leave the option out and run: {fetch_command(published, None)}"
        )
    size = f"{published.megabytes:.1f} MB"
    folders = candidates(published, data_dir)
    for folder in folders:
        names = [file.name for file in missing(published, folder)]
        if len(names) < len(published.files):
            return (
                f"the folder {folder} holds {published.name} without {' and '.join(names)}; "
                f"get what is missing ({size} in all) with: {fetch_command(published, data_dir)}"
            )
    return (
        f"{published.name} is not here (looked in {', '.join(map(_looked, folders))}): "
        f"`{fetch_command(published, data_dir)}` downloads it ({size}), "
        "or --data-dir DIR names a folder that holds it"
    )


def _base(data_dir: Path | None) -> Path | None:
    """The folder that the user named: --data-dir, or else MINIGAN_DATA."""
    named = os.environ.get(VARIABLE)
    return data_dir if data_dir is not None or not named else Path(named)


def _cache(published: CatalogueEntry) -> Path:
    """The folder of the set in the user's cache. Raises UserError where the user has no home."""
    try:
        return platformdirs.user_cache_path("minigan", appauthor=False) / published.name
    except RuntimeError:
        raise UserError(
            f"this user has no home folder: set {VARIABLE}, or give --data-dir"
        ) from None


def _trouble(folder: Path) -> str | None:
    """Why a folder cannot be opened, in the words of the system; None where it can."""
    try:
        os.scandir(os.path.join(folder, ".")).close()  # with "." only where it may be entered too
    except OSError as error:
        return error.strerror
    return None


def _looked(folder: Path) -> str:
    """A folder's path, with the reason where it is there and still cannot be opened."""
    trouble = _trouble(folder) if os.path.lexists(folder) else None
    return f"{folder}: {trouble}" if trouble else str(folder)
