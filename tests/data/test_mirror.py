"""A mirror that sends too much, too slowly or nothing raises MirrorError with a short reason.

test_download.py tests complete downloads, from a local server.
"""

from __future__ import annotations

import socket
from http.client import BadStatusLine, IncompleteRead
from urllib.error import HTTPError, URLError

import pytest

from minigan.data.mirror import MIN_RATE, DownloadLimits, MirrorError, network_errors


def test_bytes_up_to_the_limit_are_accepted_and_one_more_raises():
    limits = DownloadLimits(timeout=20, max_bytes=1_000_000)
    limits.count(600_000, 0.0)
    limits.count(400_000, 0.0)
    with pytest.raises(MirrorError, match=r"^sent more than 1,000,000 bytes$"):
        limits.count(1, 0.0)


def test_the_rate_is_checked_only_after_the_timeout():
    limits = DownloadLimits(timeout=20, max_bytes=10**9)
    limits.count(1, 20.0)
    with pytest.raises(MirrorError, match=r"^was slower than 10 kB/s$"):
        limits.count(1, 0.1)


def test_the_minimum_rate_is_accepted_and_a_lower_one_raises():
    limits = DownloadLimits(timeout=20, max_bytes=10**9)
    for _ in range(100):
        limits.count(MIN_RATE, 1.0)
    with pytest.raises(MirrorError, match="was slower"):
        limits.count(MIN_RATE - 1, 1.0)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (HTTPError("u", 404, "x", None, None), "answered 404"),
        (IncompleteRead(b""), "closed the connection too early"),
        (TimeoutError(), "sent nothing for 0.5 s"),
        (URLError(TimeoutError()), "sent nothing for 0.5 s"),
        (URLError(ConnectionRefusedError(111, "Connection refused")), "failed: Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "failed: Name or service not known"),
        (OSError("bad\nwords" + "x" * 500), "failed: badwords" + "x" * 112),
        (BadStatusLine("x"), "sent invalid HTTP"),
        (ValueError("x"), "sent invalid HTTP"),
    ],
)
def test_a_network_exception_becomes_a_short_reason(error, reason):
    with pytest.raises(MirrorError) as caught, network_errors(0.5):
        raise error
    assert str(caught.value) == reason
