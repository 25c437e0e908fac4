"""Read from a mirror, with limits on the number of bytes, the waiting time and the rate.

    received <= max_bytes       and, after `timeout` seconds of waiting in total,
    received >= MIN_RATE * waited

The limits cover every byte from the status line on, including redirections, because they are
applied where http.client reads from the socket.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError

MIN_RATE = 10_000  # bytes per second


class MirrorError(Exception):
    """A mirror failed. The message is the rest of a sentence that begins with its host name."""


@contextlib.contextmanager
def network_errors(timeout: float) -> Iterator[None]:
    """Convert network exceptions to MirrorError. Use it around network calls only: it also converts
    every other OSError."""
    try:
        yield
    except HTTPError as error:
        raise MirrorError(f"answered {error.code}") from None
    except IncompleteRead:
        raise MirrorError("closed the connection too early") from None
    except OSError as error:
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, TimeoutError):
            raise MirrorError(f"sent nothing for {timeout:g} s") from None
        text = getattr(cause, "strerror", None) or str(cause)
        raise MirrorError(f"failed: {''.join(filter(str.isprintable, text))[:120]}") from None
    except (HTTPException, ValueError):
        raise MirrorError("sent invalid HTTP") from None


class DownloadLimits:
    """The limits of one file, over all connections that its download needs.

    Only the time spent waiting for bytes counts. The time to connect does not: a host whose first
    address does not answer is slow to connect to, and may still send fast.
    """

    def __init__(self, timeout: float, max_bytes: int) -> None:
        self.timeout, self.max_bytes, self.received, self.waited = timeout, max_bytes, 0, 0.0

    def count(self, received: int, seconds: float) -> None:
        """Count bytes and the seconds waited for them. Raises MirrorError beyond a limit."""
        self.received += received
        self.waited += seconds
        if self.received > self.max_bytes:
            raise MirrorError(f"sent more than {self.max_bytes:,} bytes")
        if self.waited > self.timeout and self.received < MIN_RATE * self.waited:
            raise MirrorError(f"was slower than {MIN_RATE / 1000:g} kB/s")


class _CountingReader(io.RawIOBase):
    """The reading end of a socket. It counts every byte: status line, headers and body."""

    def __init__(self, raw: io.RawIOBase, limits: DownloadLimits) -> None:
        self.raw, self.limits = raw, limits

    def readable(self) -> bool:
        """True; io.BufferedReader requires it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read once into the buffer; returns the number of bytes."""
        start = time.monotonic()
        count: int = self.raw.readinto(buffer)
        self.limits.count(count, time.monotonic() - start)
        return count

    def close(self) -> None:
        """Close the socket as well."""
        self.raw.close()
        super().close()


def limited_opener(
    limits: DownloadLimits, responses: contextlib.ExitStack
) -> request.OpenerDirector:
    """An opener for http and https only, with these limits and the proxies of the environment.

    Every response, including those of redirections and errors, is closed when `responses` is.
    """

    class Response(HTTPResponse):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.fp = io.BufferedReader(_CountingReader(self.fp.detach(), limits))

    class Limited(request.AbstractHTTPHandler):
        def do_open(self, http_class: Any, req: request.Request, **options: Any) -> HTTPResponse:
            def connect(host: str, **more: Any) -> HTTPConnection:
                connection: HTTPConnection = http_class(host, **more)
                connection.response_class = Response
                return connection

            return responses.enter_context(super().do_open(connect, req, **options))

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
