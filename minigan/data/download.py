"""The download of a published data set: each file from the first mirror that sends it whole.

    ask a mirror  ->  a temporary file beside the place  ->  checksum  ->  rename

A mirror is given up when it fails, lies, is silent for `timeout` seconds, sends more bytes than
the packed file can have, or is slower than SLOWEST on average once it was waited for `timeout`
seconds; so no file takes much longer than size / SLOWEST. Only what was verified gets the name.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import Any, NamedTuple
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from tqdm import tqdm

from minigan import __version__
from minigan.data import idx, places
from minigan.data.published import File, Published
from minigan.errors import UserError
from minigan.files import replacing

SLOWEST = 10_000  # bytes per second
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
    published: Published, folder: Path, quiet: bool = False, timeout: float = 20.0
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
        raise UserError(f"cannot make the folder {folder}: {error.strerror}") from None
    mirrors = list(published.mirrors)
    done = []
    for file in published.files:
        here = places.path_of(folder, file)
        if _is_whole(here, file):
            done.append(Fetched(here, None))
        else:
            done.append(_from_one_of(mirrors, folder, file, quiet, timeout))
        if not quiet:
            print(done[-1], file=sys.stderr, flush=True)
    return done


def _is_whole(path: Path, file: File) -> bool:
    """Whether the path holds the published file."""
    try:
        idx.read(path, file)
    except UserError:
        return False
    return True


class _Failed(Exception):
    """What a mirror did, in a few words that follow its name."""


def _from_one_of(
    mirrors: list[str], folder: Path, file: File, quiet: bool, timeout: float
) -> Fetched:
    """Download one file; the mirrors that failed are then the last in the list."""
    path, reasons = folder / f"{file.name}.gz", []
    for mirror in tuple(mirrors):
        host = urlsplit(mirror).netloc.rpartition("@")[2]
        try:
            _download(mirror + path.name, path, file, quiet, timeout)
        except _Failed as failure:
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
    """Put the file at `url` in its place, or raise _Failed and leave the place as it was."""
    # Deflate may add 5 bytes to every 16 kB; the rest is for gzip's header and HTTP's.
    limits = _Limits(timeout, file.size + file.size // 100 + (1 << 16))
    headers = {"User-Agent": f"minigan/{__version__}"}
    with contextlib.ExitStack() as answers:
        with _telling(timeout):
            opener = _opener(limits, answers)
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
            with _telling(timeout):
                chunk = answer.read(CHUNK)
            if not chunk:
                break
            if part.tell() == 0 and not chunk.startswith(idx.GZIP):
                raise _Failed("sent no gzip file (a web page?)")
            part.write(chunk)
            bar.update(len(chunk))
        if answer.length:
            raise _Failed("broke off before the end")
        part.flush()
        if not _is_whole(Path(part.name), file):
            raise _Failed("sent another file, or a damaged one")


@contextlib.contextmanager
def _telling(timeout: float) -> Iterator[None]:
    """Turn what the network raises into _Failed; the errors of the disk are not raised here."""
    try:
        yield
    except HTTPError as error:
        raise _Failed(f"answered {error.code}") from None
    except IncompleteRead:
        raise _Failed("broke off before the end") from None
    except OSError as error:
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, TimeoutError):
            raise _Failed(f"was silent for {timeout:g} s") from None
        words = getattr(cause, "strerror", None) or str(cause)
        raise _Failed(f"failed: {''.join(filter(str.isprintable, words))[:120]}") from None
    except (HTTPException, ValueError):
        raise _Failed("does not speak proper HTTP") from None


class _Limits:
    """How many bytes one file may take and how slowly, over all connections that it needs.

    The clock runs only while bytes are waited for: a machine whose first address leads nowhere is
    slow to be reached, and may still be fast.
    """

    def __init__(self, timeout: float, most: int) -> None:
        self.timeout, self.most, self.received, self.waited = timeout, most, 0, 0.0

    def count(self, received: int, seconds: float) -> None:
        """So many bytes took so long; raises _Failed if they are too many or came too slowly."""
        self.received += received
        self.waited += seconds
        if self.received > self.most:
            raise _Failed(f"sent more than {self.most:,} bytes")
        if self.waited > self.timeout and self.received < SLOWEST * self.waited:
            raise _Failed(f"was slower than {SLOWEST / 1000:g} kB/s")


class _Counted(io.RawIOBase):
    """A socket's reading end, every byte of which is counted: status, headers and body."""

    def __init__(self, raw: io.RawIOBase, limits: _Limits) -> None:
        self.raw, self.limits = raw, limits

    def readable(self) -> bool:
        """Yes; a buffer asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one wait allows; the number of bytes."""
        start = time.monotonic()
        count: int = self.raw.readinto(buffer)
        self.limits.count(count, time.monotonic() - start)
        return count

    def close(self) -> None:
        """Close the socket too."""
        self.raw.close()
        super().close()


def _opener(limits: _Limits, answers: contextlib.ExitStack) -> request.OpenerDirector:
    """An opener of http and https alone, with the proxies of the environment and these limits.

    The limits hold from the first byte of the status line on, also in redirections and in what a
    proxy says, because they are set where http.client reads from the socket. Every answer, those
    of redirections and errors included, is closed with `answers`.
    """

    class Response(HTTPResponse):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.fp = io.BufferedReader(_Counted(self.fp.detach(), limits))

    class Limited(request.AbstractHTTPHandler):
        def do_open(self, http_class: Any, req: request.Request, **options: Any) -> HTTPResponse:
            def connect(host: str, **more: Any) -> HTTPConnection:
                connection: HTTPConnection = http_class(host, **more)
                connection.response_class = Response
                return connection

            return answers.enter_context(super().do_open(connect, req, **options))

    class Http(Limited, request.HTTPHandler):
        pass

    class Https(Limited, request.HTTPSHandler):
        pass

    opener = request.OpenerDirector()
    for handler in (
        *(request.ProxyHandler(), Http(), Https(), request.UnknownHandler()),
        *(request.HTTPRedirectHandler(), request.HTTPErrorProcessor()),
        request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener
