"""For every behaviour of a mirror, the downloaded file is identical to the original or absent."""

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
from minigan.data.catalogue import CatalogueEntry, DataFile
from minigan.data.download import fetch
from minigan.errors import UserError

SHORT_TIMEOUT = 0.3  # seconds, for mirrors that stall
LONG_TIMEOUT = 10.0  # for all others: the machine may be busy
SHAPES = {"a-images": (20, 4, 4), "a-labels": (20,), "b-images": (10, 4, 4), "b-labels": (10,)}

# Behaviours with which the file is downloaded correctly.
GOOD = ("good", "chunked", "no_length", "redirect", "slow_but_steady",
        "length_negative", "length_is_a_word", "length_of_5000_digits")  # fmt: skip

# Every other behaviour, and the reason in the message to the user.
BAD = {
    "forbidden": "answered 403",
    "missing": "answered 404",
    "gone_wrong": "answered 500",
    "redirect_loop": "answered 302",
    "redirect_to_file": "answered 302",
    "redirect_to_ftp": "failed: unknown url type: ftp",
    "redirect_to_nonsense": "sent invalid HTTP",
    "endless_redirect": "sent more than",
    "stall_before_headers": "sent nothing for 0.3 s",
    "stall_in_headers": "sent nothing for 0.3 s",
    "stall_in_body": "sent nothing for 0.3 s",
    "drip_headers": "was slower than 10 kB/s",
    "drip_body": "was slower than 10 kB/s",
    "drip_chunk_size": "was slower than 10 kB/s",
    "cut_with_length": "closed the connection too early",
    "cut_without_length": "sent a wrong or damaged file",
    "chunked_cut": "closed the connection too early",
    "chunked_garbage": "closed the connection too early",
    "empty": "sent a wrong or damaged file",
    "length_too_large": "closed the connection too early",
    "length_too_small": "sent a wrong or damaged file",
    "length_absurd": "closed the connection too early",
    "bit_flipped": "sent a wrong or damaged file",
    "packed_bit_flipped": "sent a wrong or damaged file",
    "trailing_bytes": "sent a wrong or damaged file",
    "web_page": "sent no gzip file (a web page?)",
    "unpacked": "sent no gzip file (a web page?)",
    "packed_twice": "sent a wrong or damaged file",
    "other_set": "sent a wrong or damaged file",
    "endless_body": "sent more than",
    "endless_headers": "sent more than",
    "bomb": "sent a wrong or damaged file",
    "bomb_behind_header": "sent a wrong or damaged file",
    "large_bomb": "sent more than",
    "closes_at_once": "failed: Remote end closed connection without response",
    "garbage": "sent invalid HTTP",
    "other_protocol": "sent invalid HTTP",
    "header_too_long": "sent more than",
    "too_many_headers": "sent invalid HTTP",
    "status_is_no_number": "sent invalid HTTP",
}
INTERRUPTS = ("interrupt", "interrupt_in_headers")


def timeout_for(behaviour):
    return SHORT_TIMEOUT if behaviour.startswith(("stall", "drip")) else LONG_TIMEOUT


def idx_bytes(array):
    """An IDX file of unsigned bytes, written from the specification of the format."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def entry(arrays, *mirrors):
    files = (
        DataFile(name, array.shape, hashlib.md5(idx_bytes(array)).hexdigest())
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
    """The tests connect to their server without a proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "*")


def complete(folder, packed):
    """True if the folder contains exactly the files `packed`, byte for byte."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} == packed


def closed_port():
    """A URL with a port on which no server listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/"


def test_every_behaviour_of_the_server_is_tested():
    assert {*GOOD, *BAD, *INTERRUPTS} == set(BEHAVIOURS)


@pytest.mark.parametrize("behaviour", GOOD)
def test_the_four_files_are_downloaded_from_a_working_mirror(
    behaviour, server, arrays, packed, tmp_path
):
    folder = tmp_path / "new" / "folder"
    mirror = server.mirror(behaviour)
    fetched = fetch(entry(arrays, mirror), folder, quiet=True, timeout=LONG_TIMEOUT)
    assert complete(folder, packed)
    assert [file.path for file in fetched] == [folder / name for name in packed]
    assert {file.host for file in fetched} == {f"127.0.0.1:{server.server_address[1]}"}


def test_the_http_server_of_python_is_a_working_mirror(arrays, packed, tmp_path):
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
        fetch(entry(arrays, mirror), tmp_path / "home", quiet=True)
        server.shutdown()
        thread.join()
    assert complete(tmp_path / "home", packed)


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_mirror_is_reported_and_leaves_no_file(behaviour, server, arrays, tmp_path):
    small = entry(arrays, server.mirror(behaviour))
    with pytest.raises(UserError) as caught:
        fetch(small, tmp_path, quiet=True, timeout=timeout_for(behaviour))
    host = f"127.0.0.1:{server.server_address[1]}"
    sentence = str(caught.value)
    assert sentence.startswith(f"could not download a-images.gz ({host} {BAD[behaviour]}")
    assert sentence.endswith(f"): try again later, or copy the four files to {tmp_path} yourself")
    assert sentence.isprintable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("behaviour", BAD)
def test_after_a_failure_the_next_mirror_is_used_for_all_files(
    behaviour, server, arrays, packed, tmp_path
):
    mirrors = server.mirror(behaviour), server.mirror("good")
    fetch(entry(arrays, *mirrors), tmp_path, quiet=True, timeout=timeout_for(behaviour))
    assert complete(tmp_path, packed)
    last = [name for request, name in server.requests if request == "good"][-4:]
    assert last == list(packed)
    assert {name for request, name in server.requests if request == behaviour} == {"a-images.gz"}


def test_a_mirror_that_refuses_the_connection_is_reported_and_skipped(
    server, arrays, packed, tmp_path
):
    closed = closed_port()
    with pytest.raises(UserError, match=r"127\.0\.0\.1:\d+ failed: Connection refused\): try"):
        fetch(entry(arrays, closed), tmp_path, quiet=True)
    assert list(tmp_path.iterdir()) == []
    fetch(entry(arrays, closed, server.mirror("good")), tmp_path, quiet=True)
    assert complete(tmp_path, packed)


@pytest.mark.parametrize(
    "mirror", ["http://mirror.invalid/", "ftp://127.0.0.1/", "file:///", "nonsense"]
)
def test_an_invalid_url_is_skipped(mirror, server, arrays, packed, tmp_path):
    fetch(entry(arrays, mirror, server.mirror("good")), tmp_path, quiet=True)
    assert complete(tmp_path, packed)


def test_https_is_used_if_the_url_says_so(server, arrays, packed, tmp_path, monkeypatch):
    handshakes = []
    monkeypatch.setattr(
        ssl.SSLContext,
        "wrap_socket",
        lambda self, sock, **options: handshakes.append(options) or sock,
    )
    mirror = server.mirror("good").replace("http:", "https:")
    fetch(entry(arrays, mirror), tmp_path, quiet=True)
    assert complete(tmp_path, packed)
    assert handshakes == 4 * [{"server_hostname": "127.0.0.1"}]


def test_a_server_without_https_is_not_used_with_https(server, arrays, packed, tmp_path):
    timeout = 10 * SHORT_TIMEOUT  # the server answers at once, but the machine may be busy
    secure = server.mirror("good").replace("http:", "https:")
    with pytest.raises(UserError, match="failed: "):
        fetch(entry(arrays, secure), tmp_path, quiet=True, timeout=timeout)
    fetch(entry(arrays, secure, server.mirror("good")), tmp_path, quiet=True, timeout=timeout)
    assert complete(tmp_path, packed)


def test_a_server_without_a_tls_handshake_times_out(arrays, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mirror = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(UserError, match=r"sent nothing for 0\.3 s"):
            fetch(entry(arrays, mirror), tmp_path, quiet=True, timeout=SHORT_TIMEOUT)


def test_the_proxy_of_the_environment_is_used(server, arrays, packed, tmp_path, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    fetch(entry(arrays, "http://mirror.invalid/good/"), tmp_path, quiet=True)
    assert complete(tmp_path, packed)


def test_the_message_contains_every_mirror_but_no_password(server, arrays, tmp_path):
    host = f"127.0.0.1:{server.server_address[1]}"
    bad = server.mirror("missing"), server.mirror("web_page"), f"ftp://me:secret@{host}/"
    with pytest.raises(UserError) as caught:
        fetch(entry(arrays, *bad), tmp_path, quiet=True)
    assert str(caught.value) == (
        f"could not download a-images.gz ({host} answered 404, {host} sent no gzip file "
        f"(a web page?), {host} failed: unknown url type: ftp): try again later, or copy the four "
        f"files to {tmp_path} yourself"
    )


def test_a_steady_download_may_take_longer_than_the_timeout(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 256, (50, 28, 28), np.uint8)
    arrays = {"large": pixels}
    packed = {"large.gz": gzip.compress(idx_bytes(pixels))}  # 39 kB at 50 kB/s: 0.8 s
    with serving(packed) as server:
        mirror = server.mirror("slow_but_steady")
        fetch(entry(arrays, mirror), tmp_path, quiet=True, timeout=SHORT_TIMEOUT)
    assert complete(tmp_path, packed)


def test_the_time_to_connect_does_not_count_for_the_rate(
    server, arrays, packed, tmp_path, monkeypatch
):
    for name in list(packed)[1:]:
        (tmp_path / name).write_bytes(packed[name])
    connect = socket.create_connection

    def slow_connection(*args, **options):
        time.sleep(1.2 * SHORT_TIMEOUT)
        return connect(*args, **options)

    monkeypatch.setattr(socket, "create_connection", slow_connection)
    fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True, timeout=SHORT_TIMEOUT)
    assert complete(tmp_path, packed)


def test_files_that_exist_and_are_correct_are_kept(server, arrays, packed, tmp_path):
    (tmp_path / "a-images").write_bytes(idx_bytes(arrays["a-images"]))
    (tmp_path / "b-images.gz").write_bytes(gzip.compress(idx_bytes(arrays["b-images"]), 1))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    fetched = fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert [name for _, name in server.requests] == ["a-labels.gz", "b-labels.gz"]
    new = {name: packed[name] for name in ("a-labels.gz", "b-labels.gz")}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before | new
    assert [file.path.name for file in fetched] == [
        *("a-images", "a-labels.gz", "b-images.gz", "b-labels.gz")
    ]
    assert [file.host is None for file in fetched] == [True, False, True, False]


def test_if_all_files_exist_no_request_is_sent(arrays, packed, tmp_path):
    for name, data in packed.items():
        (tmp_path / name).write_bytes(data)
    fetched = fetch(entry(arrays, closed_port()), tmp_path, quiet=True)
    assert [file.host for file in fetched] == [None] * 4


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_damaged_file_is_replaced(suffix, server, arrays, packed, tmp_path):
    for name, array in arrays.items():
        (tmp_path / f"{name}{suffix}").write_bytes(idx_bytes(array)[:-1] + b"?")
    small = entry(arrays, server.mirror("good"))
    fetch(small, tmp_path, quiet=True)
    assert all((tmp_path / name).read_bytes() == data for name, data in packed.items())
    assert [file.host for file in fetch(small, tmp_path, quiet=True)] == [None] * 4


def test_a_damaged_file_remains_if_the_download_fails(server, arrays, tmp_path):
    (tmp_path / "a-images.gz").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"a-images\.gz"):
        fetch(entry(arrays, server.mirror("bit_flipped")), tmp_path, quiet=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"damaged"]


def test_finished_files_remain_if_a_later_file_fails(server, arrays, packed, tmp_path):
    server.files = {**packed, "b-images.gz": b"wrong"}
    with pytest.raises(UserError, match=r"b-images\.gz"):
        fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-images.gz", "a-labels.gz"]
    server.files = packed
    fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert complete(tmp_path, packed)


@pytest.mark.parametrize("behaviour", INTERRUPTS)
def test_ctrl_c_during_a_download_leaves_no_file(behaviour, server, arrays, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fetch(entry(arrays, server.mirror(behaviour)), tmp_path, quiet=True, timeout=LONG_TIMEOUT)
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
        fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    monkeypatch.undo()
    remaining = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(remaining) in (1, 2, 3)
    assert remaining.items() <= packed.items()


@contextmanager
def largest_file(size):
    """No file can grow beyond this size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_raises_with_the_path_of_the_file(server, arrays, tmp_path):
    mirrors = server.mirror("good"), server.mirror("chunked")
    with largest_file(100), pytest.raises(OSError, match="File too large") as caught:
        fetch(entry(arrays, *mirrors), tmp_path, quiet=True)
    assert caught.value.filename == str(tmp_path / "a-images.gz")
    assert server.requests == [("good", "a-images.gz")]  # no other mirror is tried
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_final_flush_leaves_no_file(
    server, arrays, tmp_path, monkeypatch
):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert caught.value.filename == str(tmp_path / "a-images.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_created_raises(arrays, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for folder, reason in (("file", "File exists"), ("file/below", "Not a directory")):
        path = tmp_path / folder
        sentence = re.escape(f"the folder {path} cannot be created: {reason}; choose another")
        with pytest.raises(UserError, match=f"^{sentence}"):
            fetch(entry(arrays, "http://mirror.invalid/"), path)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_a_terminal_shows_a_progress_bar_and_a_pipe_one_line_per_file(
    kind, server, arrays, packed, tmp_path, monkeypatch
):
    (tmp_path / "b-labels").write_bytes(idx_bytes(arrays["b-labels"]))
    monkeypatch.setattr(sys, "stderr", kind())
    fetch(entry(arrays, server.mirror("good")), tmp_path)
    shown = sys.stderr.getvalue()
    host = f"127.0.0.1:{server.server_address[1]}"
    lines = [
        *(
            f"{tmp_path / name}: {len(packed[name])} bytes downloaded from {host}"
            for name in ("a-images.gz", "a-labels.gz", "b-images.gz")
        ),
        f"{tmp_path / 'b-labels'} already exists and is correct",
    ]
    if kind is Terminal:
        assert "a-images.gz:   0%" in shown
        assert "B/s" in shown
        assert all(line in shown for line in lines)
    else:
        assert shown.splitlines() == lines


def test_quiet_prints_nothing_on_a_terminal(server, arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert sys.stderr.getvalue() == ""


def test_the_user_agent_is_minigan(server, arrays, tmp_path):
    fetch(entry(arrays, server.mirror("good")), tmp_path, quiet=True)
    assert server.agents == [f"minigan/{download.__version__}"] * 4
