"""The Chromium of Qt, for machines without another one: an empty page without a window.

It passes messages between descriptors 3 and 4, as Chromium does with --remote-debugging-pipe, and
the web socket of its page. It needs the extra `browser`.
"""

from __future__ import annotations

import os
import socket
import sys

with socket.create_server(("127.0.0.1", 0)) as free:
    PORT = free.getsockname()[1]
os.environ |= {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{PORT}",
}

from PySide6.QtCore import QSocketNotifier, Qt, QUrl
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWebSockets import QWebSocket
from PySide6.QtWidgets import QApplication

TO_BROWSER, FROM_BROWSER = 3, 4


def main() -> None:
    """Show the page and pass messages until descriptor 3 is closed."""
    application = QApplication(sys.argv)
    view = QWebEngineView()
    view.resize(1100, 900)
    view.show()
    page = QWebSocket()
    buffer = b""

    def send() -> None:
        nonlocal buffer
        part = os.read(TO_BROWSER, 1 << 20)
        if not part:
            application.quit()
        *messages, buffer = (buffer + part).split(b"\0")
        for message in messages:
            page.sendTextMessage(message.decode())

    def receive(message: str) -> None:
        os.write(FROM_BROWSER, message.encode() + b"\0")

    def connect() -> None:
        page.open(QUrl(f"ws://127.0.0.1:{PORT}/devtools/page/{view.page().devToolsId()}"))

    reader = QSocketNotifier(TO_BROWSER, QSocketNotifier.Type.Read)
    reader.setEnabled(False)
    reader.activated.connect(send)
    page.connected.connect(lambda: reader.setEnabled(True))
    page.textMessageReceived.connect(receive)
    view.loadFinished.connect(connect, Qt.ConnectionType.SingleShotConnection)
    view.load(QUrl("about:blank"))
    application.exec()


if __name__ == "__main__":
    main()
