"""An HTML file that makes no network requests.

The content security policy in the file forbids all requests, and all scripts except the one whose
SHA-256 hash is in the policy. So text from a file cannot be executed as a script.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from minigan import __version__
from minigan.reports.html.markup import Html, element


def document(title: str, style: Html, script: Html, *content: Html) -> bytes:
    """The HTML file with this content, style sheet and script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content=f"minigan {__version__}"),
        element("title", title),
        element("style", style),
    )
    body = element("body", *content, element("script", script))
    # A file name or a JSON string can contain a lone surrogate, which UTF-8 cannot encode.
    text = f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"
    return text.encode("utf-8", "backslashreplace")


def packaged(package: str, name: str) -> Html:
    """A style sheet or a script that is a file of a package."""
    return Html((resources.files(package) / name).read_text("utf-8"))
