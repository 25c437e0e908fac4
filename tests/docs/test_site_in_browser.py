"""The site in Chromium without a network: it requests its own files only and shows its formulas.

The tests need the extras `browser` and `site`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from browser import Browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("theory", "layers/convolution", "algorithm1", "zh/theory")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-E", DOCS, out], check=True)
    return out


@pytest.fixture(scope="module")
def chromium() -> Browser:
    with Browser() as browser:
        yield browser


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_no_network_and_shows_its_formulas(
    chromium: Browser, site: Path, name: str
) -> None:
    chromium.open(site / f"{name}.html", width=360)
    assert chromium.console == []
    assert chromium.requests
    own = (site.as_uri(), "data:")
    assert [url for url in chromium.requests if not url.startswith(own)] == []
    formulas = chromium.value(
        "[...document.querySelectorAll('math')].map((one) =>"
        "[one.namespaceURI, one.checkVisibility(), one.getBoundingClientRect().height])"
    )
    assert formulas
    for space, visible, height in formulas:
        assert space == "http://www.w3.org/1998/Math/MathML"
        assert visible
        assert height > 5
    assert chromium.value("document.documentElement.scrollWidth") == 360
