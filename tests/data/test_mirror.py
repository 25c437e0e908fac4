"""A mirror that sends too much, too slowly or nothing is given up, in a few words.

The behaviours of whole mirrors are tried in test_download.py, on a server that has them all.
"""

from __future__ import annotations

import socket
from http.client import BadStatusLine, IncompleteRead
from urllib.error import HTTPError, URLError

import pytest

from minigan.data.mirror import SLOWEST, Failed, Limits, telling


def test_bytes_up_to_the_limit_are_taken_and_one_more_is_refused():
    limits = Limits(timeout=20, most=1_000_000)
    limits.count(600_000, 0.0)
    limits.count(400_000, 0.0)
    with pytest.raises(Failed, match=r"^sent more than 1,000,000 bytes$"):
        limits.count(1, 0.0)


def test_slowness_counts_only_after_the_first_wait():
    limits = Limits(timeout=20, most=10**9)
    limits.count(1, 20.0)
    with pytest.raises(Failed, match=r"^was slower than 10 kB/s$"):
        limits.count(1, 0.1)


def test_the_slowest_rate_that_is_taken_is_the_one_promised():
    limits = Limits(timeout=20, most=10**9)
    for _ in range(100):
        limits.count(SLOWEST, 1.0)
    with pytest.raises(Failed, match="was slower"):
        limits.count(SLOWEST - 1, 1.0)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (HTTPError("u", 404, "x", None, None), "answered 404"),
        (IncompleteRead(b""), "broke off before the end"),
        (TimeoutError(), "was silent for 0.5 s"),
        (URLError(TimeoutError()), "was silent for 0.5 s"),
        (URLError(ConnectionRefusedError(111, "Connection refused")), "failed: Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "failed: Name or service not known"),
        (OSError("bad\nwords" + "x" * 500), "failed: badwords" + "x" * 112),
        (BadStatusLine("x"), "does not speak proper HTTP"),
        (ValueError("x"), "does not speak proper HTTP"),
    ],
)
def test_what_the_network_raises_is_told_in_a_few_words(error, words):
    with pytest.raises(Failed) as caught, telling(0.5):
        raise error
    assert str(caught.value) == words
