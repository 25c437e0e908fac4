"""A local HTTP server with faults: the request /BEHAVIOUR/NAME chooses the fault.

It writes to the socket directly, because an HTTP library would not send a malformed response.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import signal
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

ENDLESS = 5.0  # seconds; a test whose client waits longer than this fails and does not hang


class Client(socketserver.StreamRequestHandler):
    """One request for /BEHAVIOUR/NAME; a request to a proxy contains the whole URL."""

    server: Server
    wbufsize = 0

    def handle(self) -> None:
        """Send the response of the behaviour; a closed connection is no error."""
        with contextlib.suppress(OSError, ValueError):
            method, target, _ = self.rfile.readline().decode("ascii").split(" ")
            if method != "GET":  # such as bytes of TLS, after which no line may follow
                return
            headers = http.client.parse_headers(self.rfile)
            _, behaviour, name = urlsplit(target).path.split("/")
            self.server.requests.append((behaviour, name))
            self.server.agents.append(headers["User-Agent"])
            BEHAVIOURS[behaviour](self, name, self.server.files[name])

    def say(self, *lines: str, status: str = "200 OK") -> None:
        """Send the status line and these headers."""
        text = "\r\n".join((f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""))
        self.wfile.write(text.encode("latin-1"))

    def send(self, body: bytes, length: object = None, status: str = "200 OK") -> None:
        """Send a whole response with this Content-Length (default: the correct one)."""
        self.say(f"Content-Length: {len(body) if length is None else length}", status=status)
        self.wfile.write(body)

    def send_endlessly(self, data: bytes, seconds: float = 0.0) -> None:
        """Repeat the data, with pauses, until the client disconnects or ENDLESS seconds pass."""
        end = time.monotonic() + ENDLESS
        while not self.server.over.wait(seconds) and time.monotonic() < end:
            self.wfile.write(data)

    def wait(self) -> None:
        """Send nothing until the test ends."""
        self.server.over.wait(ENDLESS)


class Server(socketserver.ThreadingTCPServer):
    """The server.

    `files` are the files of a correct mirror. `requests` are the (behaviour, name) of all requests,
    in order, and `agents` their User-Agent headers.
    """

    daemon_threads = False
    allow_reuse_address = True
    request_queue_size = 50

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Client)
        self.files, self.over = files, threading.Event()
        self.requests: list[tuple[str, str]] = []
        self.agents: list[str] = []

    def mirror(self, behaviour: str) -> str:
        """The URL of a mirror with this behaviour."""
        return f"http://127.0.0.1:{self.server_address[1]}/{behaviour}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: the test checks the client."""


@contextlib.contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Server]:
    """A running server; all of its threads have ended after the `with` block."""
    with Server(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def stall_in_headers(client: Client, name: str, body: bytes) -> None:
    client.wfile.write(b"HTTP/1.1 200 OK\r\nContent-")
    client.wait()


def stall_in_body(client: Client, name: str, body: bytes) -> None:
    client.say(f"Content-Length: {len(body)}")
    client.wfile.write(body[: len(body) // 2])
    client.wait()


def drip_body(client: Client, name: str, body: bytes) -> None:
    client.say(f"Content-Length: {len(body)}")
    client.wfile.write(body[:20])
    client.send_endlessly(b"x", 0.02)


def drip_headers(client: Client, name: str, body: bytes) -> None:
    client.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    client.send_endlessly(b"x", 0.02)


def drip_chunk_size(client: Client, name: str, body: bytes) -> None:
    client.say("Transfer-Encoding: chunked")
    client.send_endlessly(b"0", 0.02)


def slow_but_steady(client: Client, name: str, body: bytes) -> None:
    client.say(f"Content-Length: {len(body)}")
    for start in range(0, len(body), 2000):
        client.wfile.write(body[start : start + 2000])
        time.sleep(0.04)


def chunked(client: Client, name: str, body: bytes) -> None:
    client.say("Transfer-Encoding: chunked")
    for chunk in (body[:7], body[7:]):
        client.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
    client.wfile.write(b"0\r\n\r\n")


def chunked_cut(client: Client, name: str, body: bytes) -> None:
    client.say("Transfer-Encoding: chunked")
    client.wfile.write(f"{len(body):x}\r\n".encode() + body[: len(body) // 2])


def chunked_garbage(client: Client, name: str, body: bytes) -> None:
    client.say("Transfer-Encoding: chunked")
    client.wfile.write(b"many\r\n" + body)


def no_length(client: Client, name: str, body: bytes) -> None:
    client.say()
    client.wfile.write(body)


def cut_without_length(client: Client, name: str, body: bytes) -> None:
    no_length(client, name, body[: len(body) // 2])


def endless_body(client: Client, name: str, body: bytes) -> None:
    client.say()
    client.wfile.write(body)
    client.send_endlessly(b"\x1f\x8b" * 1000)


def endless_headers(client: Client, name: str, body: bytes) -> None:
    client.send_endlessly(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def endless_redirect(client: Client, name: str, body: bytes) -> None:
    client.say(f"Location: /good/{name}", status="302 Found")
    client.send_endlessly(b"x" * 1000)


def redirect_to(where: str) -> Callable[[Client, str, bytes], None]:
    def behave(client: Client, name: str, body: bytes) -> None:
        client.say(f"Location: {where}{name}", "Content-Length: 0", status="302 Found")

    return behave


def status(line: str) -> Callable[[Client, str, bytes], None]:
    return lambda client, name, body: client.send(b"<p>Sorry", status=line)


def length(change: Callable[[int], object]) -> Callable[[Client, str, bytes], None]:
    return lambda client, name, body: client.send(body, length=change(len(body)))


def instead(change: Callable[[bytes], bytes]) -> Callable[[Client, str, bytes], None]:
    return lambda client, name, body: client.send(change(body))


def raw(data: bytes) -> Callable[[Client, str, bytes], None]:
    return lambda client, name, body: client.wfile.write(data)


def flipped(body: bytes) -> bytes:
    """Flip one bit of the decompressed content."""
    plain = bytearray(gzip.decompress(body))
    plain[-3] ^= 4
    return gzip.compress(bytes(plain))


def flipped_packed(body: bytes) -> bytes:
    """Flip one bit in the middle of the compressed bytes."""
    return body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]


def interrupt_main(client: Client) -> None:
    time.sleep(0.1)  # the client waits by then
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)
    client.wait()


def interrupt(client: Client, name: str, body: bytes) -> None:
    """Send SIGINT while the client waits for the second half of the body."""
    client.say(f"Content-Length: {len(body)}")
    client.wfile.write(body[: len(body) // 2])
    interrupt_main(client)


def interrupt_in_headers(client: Client, name: str, body: bytes) -> None:
    """Send SIGINT while the client waits for the headers."""
    client.wfile.write(b"HTTP/1.1 200 ")
    interrupt_main(client)


BEHAVIOURS: dict[str, Callable[[Client, str, bytes], None]] = {
    "good": instead(lambda body: body),
    "chunked": chunked,
    "no_length": no_length,
    "redirect": redirect_to("/good/"),
    "slow_but_steady": slow_but_steady,
    "forbidden": status("403 Forbidden"),
    "missing": status("404 Not Found"),
    "gone_wrong": status("500 Internal Server Error"),
    "redirect_loop": redirect_to("/redirect_loop/"),
    "redirect_to_file": redirect_to("file:///etc/"),
    "redirect_to_ftp": redirect_to("ftp://127.0.0.1/"),
    "redirect_to_nonsense": redirect_to("http://[::/"),
    "endless_redirect": endless_redirect,
    "stall_before_headers": lambda client, name, body: client.wait(),
    "stall_in_headers": stall_in_headers,
    "stall_in_body": stall_in_body,
    "drip_headers": drip_headers,
    "drip_body": drip_body,
    "drip_chunk_size": drip_chunk_size,
    "cut_with_length": lambda client, name, body: client.send(body[:-9], length=len(body)),
    "cut_without_length": cut_without_length,
    "chunked_cut": chunked_cut,
    "chunked_garbage": chunked_garbage,
    "empty": instead(lambda body: b""),
    "length_too_large": length(lambda n: n + 1),
    "length_too_small": length(lambda n: n - 1),
    "length_absurd": length(lambda n: 10**18),
    "length_negative": length(lambda n: -n),
    "length_is_a_word": length(lambda n: "many"),
    "length_of_5000_digits": length(lambda n: "9" * 5000),
    "bit_flipped": instead(flipped),
    "packed_bit_flipped": instead(flipped_packed),
    "trailing_bytes": instead(lambda body: body + gzip.compress(b"more")),
    "web_page": instead(lambda body: b"<!doctype html><title>Please log in</title>"),
    "unpacked": instead(gzip.decompress),
    "packed_twice": instead(gzip.compress),
    "other_set": instead(lambda body: gzip.compress(bytes(gzip.decompress(body)[::-1]))),
    "endless_body": endless_body,
    "endless_headers": endless_headers,
    "bomb": instead(lambda body: gzip.compress(bytes(10_000_000))),
    "bomb_behind_header": instead(
        lambda body: gzip.compress(gzip.decompress(body) + bytes(10_000_000))
    ),
    "large_bomb": instead(lambda body: gzip.compress(bytes(20_000_000), 1)),
    "closes_at_once": raw(b""),
    "garbage": raw(bytes(range(128, 256)) * 10),
    "other_protocol": raw(b"220 mirror FTP server ready\r\n"),
    "header_too_long": raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"),
    "too_many_headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n"),
    "status_is_no_number": raw(b"HTTP/1.1 fine OK\r\n\r\n"),
    "interrupt": interrupt,
    "interrupt_in_headers": interrupt_in_headers,
}
