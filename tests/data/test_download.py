"""Whatever a mirror does, the file that gets the name is the published one, or there is none."""

from __future__ import annotations

import errno
import functools
import gzip
import hashlib
import http.server
import io
import os
import re
import resource
import socket
import ssl
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from bad_server import BEHAVIOURS, serving

from minigan.data import download, idx
from minigan.data.catalogue import CatalogueEntry, File
from minigan.data.download import fetch
from minigan.errors import UserError

WAIT = 0.3  # seconds of patience with a mirror that stalls
LONG = 10.0  # and with every other: a busy machine is no bad mirror
SHAPES = {"a-images": (20, 4, 4), "a-labels": (20,), "b-images": (10, 4, 4), "b-labels": (10,)}

# What an honest server may do, and what a careless one does without harm to the file.
GOOD = ("good", "chunked", "no_length", "redirect", "slow_but_steady",
        "length_negative", "length_is_a_word", "length_of_5000_digits")  # fmt: skip

# Every other behaviour, and the words that the user reads about such a mirror.
BAD = {
    "forbidden": "answered 403",
    "missing": "answered 404",
    "gone_wrong": "answered 500",
    "redirect_loop": "answered 302",
    "redirect_to_file": "answered 302",
    "redirect_to_ftp": "failed: unknown url type: ftp",
    "redirect_to_nonsense": "does not speak proper HTTP",
    "endless_redirect": "sent more than",
    "stall_before_headers": "was silent for 0.3 s",
    "stall_in_headers": "was silent for 0.3 s",
    "stall_in_body": "was silent for 0.3 s",
    "drip_headers": "was slower than 10 kB/s",
    "drip_body": "was slower than 10 kB/s",
    "drip_chunk_size": "was slower than 10 kB/s",
    "cut_with_length": "broke off before the end",
    "cut_without_length": "sent another file, or a damaged one",
    "chunked_cut": "broke off before the end",
    "chunked_garbage": "broke off before the end",
    "empty": "sent another file, or a damaged one",
    "length_too_large": "broke off before the end",
    "length_too_small": "sent another file, or a damaged one",
    "length_absurd": "broke off before the end",
    "bit_flipped": "sent another file, or a damaged one",
    "packed_bit_flipped": "sent another file, or a damaged one",
    "trailing_bytes": "sent another file, or a damaged one",
    "web_page": "sent no gzip file (a web page?)",
    "unpacked": "sent no gzip file (a web page?)",
    "packed_twice": "sent another file, or a damaged one",
    "other_set": "sent another file, or a damaged one",
    "endless_body": "sent more than",
    "endless_headers": "sent more than",
    "bomb": "sent another file, or a damaged one",
    "bomb_behind_header": "sent another file, or a damaged one",
    "large_bomb": "sent more than",
    "closes_at_once": "failed: Remote end closed connection without response",
    "garbage": "does not speak proper HTTP",
    "other_protocol": "does not speak proper HTTP",
    "header_too_long": "sent more than",
    "too_many_headers": "does not speak proper HTTP",
    "status_is_no_number": "does not speak proper HTTP",
}
INTERRUPTS = ("interrupt", "interrupt_in_headers")


def patience(behaviour):
    return WAIT if behaviour.startswith(("stall", "drip")) else LONG


def idx_bytes(array):
    """An IDX file of unsigned bytes, from the words of its format."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def published(arrays, *mirrors):
    files = (
        File(name, array.shape, hashlib.md5(idx_bytes(array)).hexdigest())
        for name, array in arrays.items()
    )
    return CatalogueEntry("small", "A small set", "none", 0.1, tuple(files), mirrors)


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(1)
    return {name: rng.integers(0, 256, shape, np.uint8) for name, shape in SHAPES.items()}


@pytest.fixture(scope="module")
def packed(arrays):
    return {f"{name}.gz": gzip.compress(idx_bytes(array)) for name, array in arrays.items()}


@pytest.fixture
def server(packed):
    with serving(packed) as server:
        yield server


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    """No proxy of this machine stands between the tests and their server."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "*")


def whole(folder, packed):
    """Whether the folder holds the four files, byte for byte, and nothing else."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} == packed


def closed_port():
    """An address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/"


def test_every_behaviour_of_the_server_is_judged():
    assert {*GOOD, *BAD, *INTERRUPTS} == set(BEHAVIOURS)


@pytest.mark.parametrize("behaviour", GOOD)
def test_an_honest_mirror_gives_the_four_files(behaviour, server, arrays, packed, tmp_path):
    folder = tmp_path / "not" / "yet"
    mirror = server.mirror(behaviour)
    done = fetch(published(arrays, mirror), folder, quiet=True, timeout=LONG)
    assert whole(folder, packed)
    assert [fetched.path for fetched in done] == [folder / name for name in packed]
    assert {fetched.host for fetched in done} == {f"127.0.0.1:{server.server_address[1]}"}


def test_the_http_server_of_python_is_an_honest_mirror(arrays, packed, tmp_path):
    (tmp_path / "served" / "mnist").mkdir(parents=True)
    for name, data in packed.items():
        (tmp_path / "served" / "mnist" / name).write_bytes(data)

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=tmp_path / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        mirror = f"http://127.0.0.1:{server.server_address[1]}/mnist/"
        fetch(published(arrays, mirror), tmp_path / "home", quiet=True)
        server.shutdown()
        thread.join()
    assert whole(tmp_path / "home", packed)


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_mirror_is_told_in_few_words_and_leaves_nothing(behaviour, server, arrays, tmp_path):
    small = published(arrays, server.mirror(behaviour))
    with pytest.raises(UserError) as refused:
        fetch(small, tmp_path, quiet=True, timeout=patience(behaviour))
    host = f"127.0.0.1:{server.server_address[1]}"
    sentence = str(refused.value)
    assert sentence.startswith(f"could not download a-images.gz ({host} {BAD[behaviour]}")
    assert sentence.endswith(f"): try again later, or put the four files into {tmp_path} yourself")
    assert sentence.isprintable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("behaviour", BAD)
def test_the_next_mirror_helps_and_is_asked_first_from_then_on(
    behaviour, server, arrays, packed, tmp_path
):
    mirrors = server.mirror(behaviour), server.mirror("good")
    fetch(published(arrays, *mirrors), tmp_path, quiet=True, timeout=patience(behaviour))
    assert whole(tmp_path, packed)
    last = [name for asked, name in server.requests if asked == "good"][-4:]
    assert last == list(packed)
    assert {name for asked, name in server.requests if asked == behaviour} == {"a-images.gz"}


def test_a_mirror_that_refuses_the_connection_is_told_and_passed_over(
    server, arrays, packed, tmp_path
):
    closed = closed_port()
    with pytest.raises(UserError, match=r"127\.0\.0\.1:\d+ failed: Connection refused\): try"):
        fetch(published(arrays, closed), tmp_path, quiet=True)
    assert list(tmp_path.iterdir()) == []
    fetch(published(arrays, closed, server.mirror("good")), tmp_path, quiet=True)
    assert whole(tmp_path, packed)


@pytest.mark.parametrize(
    "mirror", ["http://mirror.invalid/", "ftp://127.0.0.1/", "file:///", "nonsense"]
)
def test_an_address_that_leads_nowhere_is_passed_over(mirror, server, arrays, packed, tmp_path):
    fetch(published(arrays, mirror, server.mirror("good")), tmp_path, quiet=True)
    assert whole(tmp_path, packed)


def test_https_is_spoken_where_the_address_says_so(server, arrays, packed, tmp_path, monkeypatch):
    shaken = []
    monkeypatch.setattr(
        ssl.SSLContext, "wrap_socket", lambda self, sock, **options: shaken.append(options) or sock
    )
    mirror = server.mirror("good").replace("http:", "https:")
    fetch(published(arrays, mirror), tmp_path, quiet=True)
    assert whole(tmp_path, packed)
    assert shaken == 4 * [{"server_hostname": "127.0.0.1"}]


def test_a_server_without_https_is_no_https_mirror(server, arrays, packed, tmp_path):
    patient = 10 * WAIT  # it answers at once, but on a busy machine "at once" takes a while
    secure = server.mirror("good").replace("http:", "https:")
    with pytest.raises(UserError, match="failed: "):
        fetch(published(arrays, secure), tmp_path, quiet=True, timeout=patient)
    fetch(published(arrays, secure, server.mirror("good")), tmp_path, quiet=True, timeout=patient)
    assert whole(tmp_path, packed)


def test_a_server_that_never_shakes_hands_is_silent(arrays, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mirror = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(UserError, match=r"was silent for 0\.3 s"):
            fetch(published(arrays, mirror), tmp_path, quiet=True, timeout=WAIT)


def test_the_proxy_of_the_environment_is_asked(server, arrays, packed, tmp_path, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    fetch(published(arrays, "http://mirror.invalid/good/"), tmp_path, quiet=True)
    assert whole(tmp_path, packed)


def test_the_words_name_every_mirror_but_no_password(server, arrays, tmp_path):
    host = f"127.0.0.1:{server.server_address[1]}"
    bad = server.mirror("missing"), server.mirror("web_page"), f"ftp://me:secret@{host}/"
    with pytest.raises(UserError) as refused:
        fetch(published(arrays, *bad), tmp_path, quiet=True)
    assert str(refused.value) == (
        f"could not download a-images.gz ({host} answered 404, {host} sent no gzip file "
        f"(a web page?), {host} failed: unknown url type: ftp): try again later, or put the four "
        f"files into {tmp_path} yourself"
    )


def test_a_download_slower_than_its_patience_is_fine_if_it_is_steady(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 256, (50, 28, 28), np.uint8)
    arrays = {"large": pixels}
    packed = {"large.gz": gzip.compress(idx_bytes(pixels))}  # 39 kB at 50 kB/s: 0.8 s
    with serving(packed) as server:
        mirror = server.mirror("slow_but_steady")
        fetch(published(arrays, mirror), tmp_path, quiet=True, timeout=WAIT)
    assert whole(tmp_path, packed)


def test_a_mirror_that_is_slow_to_be_reached_is_not_a_slow_mirror(
    server, arrays, packed, tmp_path, monkeypatch
):
    for name in list(packed)[1:]:
        (tmp_path / name).write_bytes(packed[name])
    connect = socket.create_connection

    def first_address_leads_nowhere(*args, **options):
        time.sleep(1.2 * WAIT)
        return connect(*args, **options)

    monkeypatch.setattr(socket, "create_connection", first_address_leads_nowhere)
    fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True, timeout=WAIT)
    assert whole(tmp_path, packed)


def test_files_that_are_there_and_whole_are_left_alone(server, arrays, packed, tmp_path):
    (tmp_path / "a-images").write_bytes(idx_bytes(arrays["a-images"]))
    (tmp_path / "b-images.gz").write_bytes(gzip.compress(idx_bytes(arrays["b-images"]), 1))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert [name for _, name in server.requests] == ["a-labels.gz", "b-labels.gz"]
    new = {name: packed[name] for name in ("a-labels.gz", "b-labels.gz")}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before | new
    assert [fetched.path.name for fetched in done] == [
        *("a-images", "a-labels.gz", "b-images.gz", "b-labels.gz")
    ]
    assert [fetched.host is None for fetched in done] == [True, False, True, False]


def test_where_all_is_there_nobody_is_asked(arrays, packed, tmp_path):
    for name, data in packed.items():
        (tmp_path / name).write_bytes(data)
    done = fetch(published(arrays, closed_port()), tmp_path, quiet=True)
    assert [fetched.host for fetched in done] == [None] * 4


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_damaged_file_is_replaced_by_a_whole_one(suffix, server, arrays, packed, tmp_path):
    for name, array in arrays.items():
        (tmp_path / f"{name}{suffix}").write_bytes(idx_bytes(array)[:-1] + b"?")
    small = published(arrays, server.mirror("good"))
    fetch(small, tmp_path, quiet=True)
    assert all((tmp_path / name).read_bytes() == data for name, data in packed.items())
    assert [fetched.host for fetched in fetch(small, tmp_path, quiet=True)] == [None] * 4


def test_a_damaged_file_stays_until_a_whole_one_has_come(server, arrays, tmp_path):
    (tmp_path / "a-images.gz").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"a-images\.gz"):
        fetch(published(arrays, server.mirror("bit_flipped")), tmp_path, quiet=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"damaged"]


def test_what_was_finished_stays_when_a_later_file_fails(server, arrays, packed, tmp_path):
    server.files = {**packed, "b-images.gz": b"not it"}
    with pytest.raises(UserError, match=r"b-images\.gz"):
        fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-images.gz", "a-labels.gz"]
    server.files = packed
    fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert whole(tmp_path, packed)


@pytest.mark.parametrize("behaviour", INTERRUPTS)
def test_ctrl_c_while_a_mirror_is_waited_for_leaves_nothing(behaviour, server, arrays, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fetch(published(arrays, server.mirror(behaviour)), tmp_path, quiet=True, timeout=LONG)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("module", "name"), [(idx, "read"), (os, "fsync"), (os, "replace")])
def test_ctrl_c_in_a_later_step_leaves_only_finished_files(
    module, name, server, arrays, packed, tmp_path, monkeypatch
):
    real, calls = getattr(module, name), []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(module, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    monkeypatch.undo()
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(left) in (1, 2, 3)
    assert left.items() <= packed.items()


@contextmanager
def largest_file(size):
    """The system refuses to let any file grow beyond this size, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_takes_no_more_is_told_under_the_name_of_the_file(server, arrays, tmp_path):
    mirrors = server.mirror("good"), server.mirror("chunked")
    with largest_file(100), pytest.raises(OSError, match="File too large") as refused:
        fetch(published(arrays, *mirrors), tmp_path, quiet=True)
    assert refused.value.filename == str(tmp_path / "a-images.gz")
    assert server.requests == [("good", "a-images.gz")]  # another mirror makes no room
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_last_moment_leaves_nothing(
    server, arrays, tmp_path, monkeypatch
):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device") as refused:
        fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert refused.value.filename == str(tmp_path / "a-images.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(arrays, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for folder, words in (("file", "File exists"), ("file/below", "Not a directory")):
        path = tmp_path / folder
        sentence = re.escape(f"the folder {path} cannot be made: {words}; choose another")
        with pytest.raises(UserError, match=f"^{sentence}"):
            fetch(published(arrays, "http://mirror.invalid/"), path)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_a_terminal_shows_a_bar_and_a_pipe_one_line_per_file(
    kind, server, arrays, packed, tmp_path, monkeypatch
):
    (tmp_path / "b-labels").write_bytes(idx_bytes(arrays["b-labels"]))
    monkeypatch.setattr(sys, "stderr", kind())
    fetch(published(arrays, server.mirror("good")), tmp_path)
    shown = sys.stderr.getvalue()
    host = f"127.0.0.1:{server.server_address[1]}"
    lines = [
        *(
            f"{tmp_path / name} came from {host}, {len(packed[name])} bytes, whole"
            for name in ("a-images.gz", "a-labels.gz", "b-images.gz")
        ),
        f"{tmp_path / 'b-labels'} is here already, whole",
    ]
    if kind is Terminal:
        assert "a-images.gz:   0%" in shown
        assert "B/s" in shown
        assert all(line in shown for line in lines)
    else:
        assert shown.splitlines() == lines


def test_quiet_shows_nothing_even_on_a_terminal(server, arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert sys.stderr.getvalue() == ""


def test_minigan_says_who_asks(server, arrays, tmp_path):
    fetch(published(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert server.agents == [f"minigan/{download.__version__}"] * 4
