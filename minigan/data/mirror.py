"""What a mirror sends, read with limits on its size, its silence and its slowness.

    received <= most            and, once it was waited for `timeout` seconds,
    received >= SLOWEST * waited

The limits hold for every byte from the status line on, in redirections too, because they are set
where http.client reads from the socket.
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

SLOWEST = 10_000  # bytes per second


class Failed(Exception):
    """What a mirror did, in a few words that follow its name."""


@contextlib.contextmanager
def telling(timeout: float) -> Iterator[None]:
    """Turn what the network raises into Failed; the errors of the disk are not raised here."""
    try:
        yield
    except HTTPError as error:
        raise Failed(f"answered {error.code}") from None
    except IncompleteRead:
        raise Failed("broke off before the end") from None
    except OSError as error:
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, TimeoutError):
            raise Failed(f"was silent for {timeout:g} s") from None
        words = getattr(cause, "strerror", None) or str(cause)
        raise Failed(f"failed: {''.join(filter(str.isprintable, words))[:120]}") from None
    except (HTTPException, ValueError):
        raise Failed("does not speak proper HTTP") from None


class Limits:
    """How many bytes one file may take and how slowly, over all connections that it needs.

    The clock runs only while bytes are waited for: a machine whose first address leads nowhere is
    slow to be reached, and may still be fast.
    """

    def __init__(self, timeout: float, most: int) -> None:
        self.timeout, self.most, self.received, self.waited = timeout, most, 0, 0.0

    def count(self, received: int, seconds: float) -> None:
        """So many bytes took so long; raises Failed if they are too many or came too slowly."""
        self.received += received
        self.waited += seconds
        if self.received > self.most:
            raise Failed(f"sent more than {self.most:,} bytes")
        if self.waited > self.timeout and self.received < SLOWEST * self.waited:
            raise Failed(f"was slower than {SLOWEST / 1000:g} kB/s")


class _Counted(io.RawIOBase):
    """A socket's reading end, every byte of which is counted: status, headers and body."""

    def __init__(self, raw: io.RawIOBase, limits: Limits) -> None:
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


def opener_with(limits: Limits, answers: contextlib.ExitStack) -> request.OpenerDirector:
    """An opener of http and https alone, with the proxies of the environment and these limits.

    Every answer, those of redirections and errors included, is closed with `answers`.
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
