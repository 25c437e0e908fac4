"""Download a data set of the catalogue; each file from the first mirror that sends it correctly.

    request to a mirror  ->  temporary file in the target folder  ->  checksum  ->  rename

The next mirror is used if one fails, sends a wrong file, sends nothing for `timeout` seconds, sends
more bytes than the compressed file can have, or sends less than MIN_RATE bytes per second on
average after `timeout` seconds of waiting. So a download takes about size / MIN_RATE seconds at
most. A file gets its final name only after its content was verified.
"""

from __future__ import annotations

import contextlib
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple
from urllib import request
from urllib.parse import urlsplit

from tqdm import tqdm

from minigan import __version__
from minigan.data import cifar10, idx, paths
from minigan.data.catalogue import Archive, CatalogueEntry, DataFile
from minigan.data.mirror import DownloadLimits, MirrorError, limited_opener, network_errors
from minigan.errors import UserError
from minigan.system.files import replacing
from minigan.system.messages import say, stderr

CHUNK = 1 << 14


class FetchedFile(NamedTuple):
    """The path of a file of the data set, and the host that sent it; None if it was complete."""

    path: Path
    host: str | None

    def __str__(self) -> str:
        """One line for the user."""
        if self.host is None:
            return f"{self.path} already exists and is correct"
        return f"{self.path}: {self.path.stat().st_size:,} bytes downloaded from {self.host}"


def fetch(
    entry: CatalogueEntry, folder: Path, quiet: bool = False, timeout: float = 20.0
) -> list[FetchedFile]:
    """Download the files of the data set to `folder`, each as NAME.gz, or its archive.

    A correct file is kept, a damaged one replaced. After a mirror failed, it is the last to be
    tried for the remaining files. Unless `quiet`, a line on standard error reports each file, and
    on a terminal a progress bar shows bytes, rate and remaining time. The proxies are those of the
    environment. `timeout` is the limit of each wait, in seconds.

    Raises UserError if the folder cannot be created or all mirrors failed, and OSError with the
    path of the file if it cannot be written. No incomplete file remains, not even after an
    interrupt; the files that were completed before remain.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"the folder {folder} cannot be created: {error.strerror}; "
            "choose another one with --data-dir"
        ) from None
    mirrors = list(entry.mirrors)
    fetched = []
    for file in entry.downloads:
        path = _path_of(folder, file)
        if _is_correct(path, file):
            fetched.append(FetchedFile(path, None))
        else:
            fetched.append(_download_from_any(mirrors, folder, file, quiet, timeout))
        if not quiet:
            say(fetched[-1])
    return fetched


def is_complete(entry: CatalogueEntry, folder: Path) -> bool:
    """True if the folder contains every file of the data set, identical to the original."""
    if paths.has_archive(entry, folder):
        return all(_is_correct(_path_of(folder, file), file) for file in entry.downloads)
    return all(_is_correct(_path_of(folder, file), file) for file in entry.files)


def _path_of(folder: Path, file: DataFile | Archive) -> Path:
    """The path of a file or an archive in a folder."""
    return folder / file.name if isinstance(file, Archive) else paths.path_of(folder, file)


def _is_correct(path: Path, file: DataFile | Archive) -> bool:
    """True if the file at `path` is identical to the original."""
    try:
        if isinstance(file, Archive):
            cifar10.check_archive(path, file, "")
        else:
            idx.read(path, file)
    except UserError:
        return False
    return True


def _download_from_any(
    mirrors: list[str], folder: Path, file: DataFile | Archive, quiet: bool, timeout: float
) -> FetchedFile:
    """Download one file from the first mirror that works; move those that failed to the end."""
    path, reasons = folder / file.download, []
    for mirror in tuple(mirrors):
        host = urlsplit(mirror).netloc.rpartition("@")[2]
        try:
            _download(mirror + path.name, path, file, quiet, timeout)
        except MirrorError as error:
            reasons.append(f"{host} {error}")
            mirrors.remove(mirror)
            mirrors.append(mirror)
        else:
            return FetchedFile(path, host)
    what = "the archive" if isinstance(file, Archive) else "the four files"
    raise UserError(
        f"could not download {path.name} ({', '.join(reasons)}): try again later, "
        f"or copy {what} to {folder} yourself"
    )


def _download(url: str, path: Path, file: DataFile | Archive, quiet: bool, timeout: float) -> None:
    """Download `url` to `path`. Raises MirrorError, and then leaves `path` unchanged."""
    # Deflate may add 5 bytes per 16 kB; the rest is for the headers of gzip and HTTP.
    limits = DownloadLimits(timeout, file.size + file.size // 100 + (1 << 16))
    headers = {"User-Agent": f"minigan/{__version__}"}
    with contextlib.ExitStack() as responses:
        with network_errors(timeout):
            opener = limited_opener(limits, responses)
            response = opener.open(request.Request(url, headers=headers), timeout=timeout)
        _save(response, path, file, quiet, timeout)


def _save(
    response: HTTPResponse, path: Path, file: DataFile | Archive, quiet: bool, timeout: float
) -> None:
    """Write the body of a response to `path` if it is the file. Raises MirrorError."""
    with (
        replacing(path) as part,
        tqdm(
            desc=path.name,
            total=response.length,
            unit="B",
            unit_scale=True,
            leave=False,
            dynamic_ncols=True,
            disable=quiet or not stderr().isatty(),
            file=stderr(),
        ) as bar,
    ):
        while True:
            with network_errors(timeout):
                chunk = response.read(CHUNK)
            if not chunk:
                break
            if part.tell() == 0 and not chunk.startswith(idx.GZIP):
                raise MirrorError("sent no gzip file (a web page?)")
            part.write(chunk)
            bar.update(len(chunk))
        if response.length:
            raise MirrorError("closed the connection too early")
        part.flush()
        if not _is_correct(Path(part.name), file):
            raise MirrorError("sent a wrong or damaged file")
