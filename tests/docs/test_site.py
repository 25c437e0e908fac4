"""The site: every warning stops the build, formulas are MathML, and it loads from no other host.

The tests need the extra `site`. They leave the site in build/site.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import minigan
from minigan import gradcheck

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
PAGES = sorted(page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md"))
LOADING = {"src", "srcset", "poster", "data", "href"}  # href of <link> only: <a> loads nothing
OTHER_HOST = re.compile(r"^\s*(https?:)?//", re.IGNORECASE)

pytestmark = pytest.mark.site


def build(docs: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Run sphinx-build as `nox -s site` does; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-W", "--keep-going", docs, out]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site() -> Path:
    shutil.rmtree(SITE, ignore_errors=True)
    result = build(ROOT / "docs", SITE)
    assert result.returncode == 0, result.stderr
    return SITE


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A repository with two pages and a source file."""
    docs = tmp_path / "docs"
    docs.mkdir()
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    shutil.copytree(ROOT / "docs" / "_site", docs / "_site")
    (tmp_path / "code.py").write_text("answer = 42\n", "utf-8")
    (docs / "index.md").write_text("# Start\n\n## Group\n\n- [Page](page.md)\n", "utf-8")
    (docs / "page.md").write_text("# Page\n", "utf-8")
    (docs / "figure-1.html").touch()
    return docs


class Loads(HTMLParser):
    """The addresses that a page loads, and those to which it links."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.linked.append(value or "")
            elif name in LOADING:
                self.loaded.append(value or "")


@pytest.fixture(scope="module")
def addresses(site: Path) -> dict[Path, Loads]:
    """The addresses of each HTML file of the site."""
    found = {file: Loads() for file in sorted(site.rglob("*.html"))}
    for file, parser in found.items():
        parser.feed(file.read_text("utf-8"))
    return found


def test_nothing_is_loaded_from_another_host(site: Path, addresses: dict[Path, Loads]) -> None:
    for file, found in addresses.items():
        assert [address for address in found.loaded if OTHER_HOST.match(address)] == [], file
    for file in site.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", text), file
    for file in site.rglob("*.js"):
        code = re.sub(r"/\*.*?\*/|^\s*//.*$", "", file.read_text("utf-8"), flags=re.DOTALL | re.M)
        hosts = set(re.findall(r"https?://([\w.-]+)", code))
        assert hosts <= {"www.w3.org"}, file  # the name space of SVG


def test_every_link_inside_the_site_leads_to_a_file(addresses: dict[Path, Loads]) -> None:
    for file, found in addresses.items():
        for path in {address.partition("#")[0] for address in found.linked}:
            if path and ":" not in path:
                assert (file.parent / path).exists(), f"{file}: {path}"


def test_every_page_is_there(site: Path) -> None:
    for page in PAGES:
        assert (site / page).with_suffix(".html").exists()


def test_formulas_checks_code_and_reference_are_on_their_pages(site: Path) -> None:
    for file in set(site.rglob("*.html")) - set((site / "source").rglob("*.html")):
        text = re.sub(r"<(pre|script|code)\b.*?</\1>", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert "$" not in text, file
    for folder in ("layers", "zh/layers"):
        page = (site / folder / "linear.html").read_text("utf-8")
        assert 'display="block"' in page
        cells = re.findall(r"<td><p>(.*?)</p></td>", page)
        assert {"linear: x", "linear: W", "linear: b"} <= set(cells)
        assert cells.count("pass") == 3
        assert "class Linear" in re.sub(r"<[^>]+>", "", page)
    reference = (site / "reference.html").read_text("utf-8")
    for name in (*minigan.__all__, *gradcheck.__all__):
        assert re.search(rf"<h3>minigan\.(gradcheck\.)?{name}<", reference), name


def test_chinese_pages_name_their_language_and_have_no_space_at_the_ends_of_lines(
    small: Path,
) -> None:
    (small / "zh").mkdir()
    text = "# 页\n\n逐行\n对应。\n即 D\n上升\nV。\n\n- 一\n  二\n"
    (small / "zh" / "page.md").write_text(text, "utf-8")
    with (small / "index.md").open("a", encoding="utf-8") as index:
        index.write("- [页](zh/page.md)\n")
    result = build(small, small / "out")
    assert result.returncode == 0, result.stderr
    page = (small / "out" / "zh" / "page.html").read_text("utf-8")
    assert '<html class="no-js" lang="zh-CN"' in page
    assert "<p>逐行对应。即 D\n上升\nV。</p>" in page
    assert "一二" in page
    assert 'lang="zh' not in (small / "out" / "page.html").read_text("utf-8")


def test_the_notebook_of_algorithm_1_runs_and_ends_with_the_numbers_of_the_page(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = json.loads((site / "algorithm1.ipynb").read_text("utf-8"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds.count("code") > 15
    assert kinds.count("markdown") > 15
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile(cell["source"], cell["id"], "exec"), names)
    assert capsys.readouterr().out.splitlines()[-1] == "[[0.9656], [0.8715]]"
    assert 'href="algorithm1.ipynb"' in (site / "algorithm1.html").read_text("utf-8")


def test_each_fault_of_a_page_stops_the_build_and_is_reported(small: Path) -> None:
    (small / "alone.md").write_text("# Alone\n", "utf-8")
    faults = ["[x](no-page.md)", "[x](index.md#no-heading)", "[x](../no-file.py)", r"$\nocommand$"]
    (small / "page.md").write_text("\n\n".join(["# Page", *faults]), "utf-8")
    result = build(small, small / "out")
    assert result.returncode != 0
    assert "docs/alone.md is in no group of the site: add a link to docs/index.md" in result.stderr
    for name in ("no-page", "no-heading", "no-file", "nocommand"):
        assert name in result.stderr


def test_formulas_are_mathml_and_a_link_alone_becomes_the_code_of_the_file(small: Path) -> None:
    formulas = "$$\\frac{a}{b}$$\n\nWith $c$, $\\log d$, $\\log(1)$"
    text = f"# Page\n\n{formulas} and [code](../code.py).\n\n[code](../code.py)\n"
    (small / "page.md").write_text(text, "utf-8")
    result = build(small, small / "out")
    assert result.returncode == 0, result.stderr
    page = (small / "out" / "page.html").read_text("utf-8")
    assert page.count("<math") == 4
    assert '<mi>log</mi><mspace width="0.17em"/><mi>d</mi>' in page
    assert '<mi>log</mi><mo stretchy="false">' in page
    assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>" in page
    assert 'href="source/code.py.html"' in page
    plain = re.sub(r"<[^>]+>", "", page)
    assert plain.count("answer = 42") == 1
    assert "answer = 42" in re.sub(r"<[^>]+>", "", (small / "out/source/code.py.html").read_text())
