"""The download of a published data set: each file from the first mirror that sends it whole.

    ask a mirror  ->  a temporary file beside the place  ->  checksum  ->  rename

A mirror is given up when it fails, lies, is silent for `timeout` seconds, sends more bytes than
the packed file can have, or is slower than SLOWEST on average once it was waited for `timeout`
seconds; so no file takes much longer than size / SLOWEST. Only what was verified gets the name.
"""

from __future__ import annotations

import contextlib
import sys
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple
from urllib import request
from urllib.parse import urlsplit

from tqdm import tqdm

from minigan import __version__
from minigan.data import idx, paths
from minigan.data.catalogue import CatalogueEntry, File
from minigan.data.mirror import Failed, Limits, opener_with, telling
from minigan.errors import UserError
from minigan.system.files import replacing

CHUNK = 1 << 14


class Fetched(NamedTuple):
    """Where a file of the set lies now, and the mirror that sent it: None if it lay there."""

    path: Path
    host: str | None

    def __str__(self) -> str:
        """One line for the user."""
        if self.host is None:
            return f"{self.path} is here already, whole"
        return f"{self.path} came from {self.host}, {self.path.stat().st_size:,} bytes, whole"


def fetch(
    published: CatalogueEntry, folder: Path, quiet: bool = False, timeout: float = 20.0
) -> list[Fetched]:
    """Bring the files of the set into `folder`, each as NAME.gz; what is there whole stays.

    A damaged file is replaced. A mirror that fails goes last for the files that follow. On a
    terminal a bar shows bytes, rate and time left; each finished file is a line on standard error
    unless `quiet`. Proxies are those of the environment. `timeout`: seconds for each wait.

    Raises UserError, one sentence, where the folder cannot be made or all mirrors failed, and
    OSError under the name of the file where the disk refuses it. Files that are not whole are
    never left, not by an interrupt either; those that were finished before stay.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"the folder {folder} cannot be made: {error.strerror}; choose another with --data-dir"
        ) from None
    mirrors = list(published.mirrors)
    done = []
    for file in published.files:
        here = paths.path_of(folder, file)
        if _is_whole(here, file):
            done.append(Fetched(here, None))
        else:
            done.append(_from_one_of(mirrors, folder, file, quiet, timeout))
        if not quiet:
            print(done[-1], file=sys.stderr, flush=True)
    return done


def is_whole(published: CatalogueEntry, folder: Path) -> bool:
    """Whether the folder holds every file of the set, just as it was published."""
    return all(_is_whole(paths.path_of(folder, file), file) for file in published.files)


def _is_whole(path: Path, file: File) -> bool:
    """Whether the path holds the published file."""
    try:
        idx.read(path, file)
    except UserError:
        return False
    return True


def _from_one_of(
    mirrors: list[str], folder: Path, file: File, quiet: bool, timeout: float
) -> Fetched:
    """Download one file; the mirrors that failed are then the last in the list."""
    path, reasons = folder / f"{file.name}.gz", []
    for mirror in tuple(mirrors):
        host = urlsplit(mirror).netloc.rpartition("@")[2]
        try:
            _download(mirror + path.name, path, file, quiet, timeout)
        except Failed as failure:
            reasons.append(f"{host} {failure}")
            mirrors.remove(mirror)
            mirrors.append(mirror)
        else:
            return Fetched(path, host)
    raise UserError(
        f"could not download {path.name} ({', '.join(reasons)}): try again later, "
        f"or put the four files into {folder} yourself"
    )


def _download(url: str, path: Path, file: File, quiet: bool, timeout: float) -> None:
    """Put the file at `url` in its place, or raise Failed and leave the place as it was."""
    # Deflate may add 5 bytes to every 16 kB; the rest is for gzip's header and HTTP's.
    limits = Limits(timeout, file.size + file.size // 100 + (1 << 16))
    headers = {"User-Agent": f"minigan/{__version__}"}
    with contextlib.ExitStack() as answers:
        with telling(timeout):
            opener = opener_with(limits, answers)
            answer = opener.open(request.Request(url, headers=headers), timeout=timeout)
        _save(answer, path, file, quiet, timeout)


def _save(answer: HTTPResponse, path: Path, file: File, quiet: bool, timeout: float) -> None:
    """Put what a mirror answers in the file's place, if it is the file."""
    with (
        replacing(path) as part,
        tqdm(
            desc=path.name,
            total=answer.length,
            unit="B",
            unit_scale=True,
            leave=False,
            dynamic_ncols=True,
            disable=quiet or not sys.stderr.isatty(),
        ) as bar,
    ):
        while True:
            with telling(timeout):
                chunk = answer.read(CHUNK)
            if not chunk:
                break
            if part.tell() == 0 and not chunk.startswith(idx.GZIP):
                raise Failed("sent no gzip file (a web page?)")
            part.write(chunk)
            bar.update(len(chunk))
        if answer.length:
            raise Failed("broke off before the end")
        part.flush()
        if not _is_whole(Path(part.name), file):
            raise Failed("sent another file, or a damaged one")
