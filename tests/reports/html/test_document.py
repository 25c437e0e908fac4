"""An HTML file: its policy against requests and scripts, and text that UTF-8 cannot encode."""

from __future__ import annotations

import base64
import hashlib
import re

from html_read import Read

from minigan.reports.html.document import document, packaged
from minigan.reports.html.markup import Html, element


def example() -> str:
    return document("t", Html("p{}"), Html("f();"), element("p", "b")).decode()


def test_the_policy_forbids_all_requests_and_all_other_scripts() -> None:
    read = Read(example())
    (policy,) = [a["content"] for a in read.of("meta") if "http-equiv" in a]
    (script,) = re.findall("<script>(.*?)</script>", example(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        f"script-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_the_content_is_before_the_script_and_the_style_in_the_head() -> None:
    assert "<style>p{}</style></head><body><p>b</p><script>f();</script></body>" in example()


def test_a_lone_surrogate_is_not_an_error() -> None:
    assert b"\\udc80" in document("\udc80", Html(""), Html(""))


def test_a_packaged_file_is_read_as_it_is() -> None:
    assert packaged("minigan.reports.html", "script.js").startswith('"use strict";')
