"""The pages of layers and objectives have one form, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minigan.layers import __all__ as public_layers
from minigan.selfcheck import built_in

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted([*(DOCS / "layers").glob("*.md"), DOCS / "objectives.md"])
SECTIONS = [
    *("Formula", "Derivation", "Shapes", "Code", "Gradient check", "A common wrong version"),
    *("Tests", "Source"),
]
ROWS = {row.name for row in (*built_in.check_layers(), *built_in.check_objectives())}


def sections(page: Path) -> dict[str, str]:
    """The text below each heading, and before the first one."""
    parts = re.split(r"^## (.+)\n", "## What it is\n" + page.read_text("utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(params=PAGES, ids=lambda page: page.stem)
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_the_sections_are_those_of_all_pages_in_the_same_order(page: Path) -> None:
    found = sections(page)
    assert [heading for heading in found if heading in SECTIONS] == SECTIONS
    assert re.match(r"# .+\n\n(\[中文\].+\n\n)?\w", found["What it is"])
    assert "$$" in found["Formula"]
    assert ">>>" in found["Example"]


def test_the_code_is_linked_alone_so_that_the_site_includes_the_file(page: Path) -> None:
    first = sections(page)["Code"].strip().split("\n\n")[0]
    (target,) = re.fullmatch(r"\[minigan/[\w/]+\.py\]\((.+)\)", first).groups()
    assert (page.parent / target).is_file()


def test_the_rows_of_the_gradient_check_exist_and_are_checked_on_the_page(page: Path) -> None:
    text = sections(page)["Gradient check"]
    named = re.findall(r"`([\w-]+(?:, \w+)?: \w+)`", text)
    assert named
    assert set(named) <= ROWS
    assert ">>> report = mg.check_" in text
    assert "(True, True)" in text


def test_the_wrong_version_is_checked_on_the_page(page: Path) -> None:
    assert "mg.check(" in sections(page)["A common wrong version"]


def test_every_test_that_a_page_names_exists(page: Path) -> None:
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", sections(page)["Tests"])
    assert tests
    for file, name in tests:
        assert f"def {name}(" in (DOCS.parent / file).read_text("utf-8"), name


def test_formulas_have_nothing_that_markdown_on_github_changes() -> None:
    """It would read a backslash before punctuation and a pair of stars as its own marks."""
    for page in (*DOCS.rglob("*.md"), *DOCS.parent.glob("README*.md")):
        text = re.sub(r"```.*?^```|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.M | re.S)
        for formula in re.findall(r"\$\$.*?\$\$|\$[^$]+\$", text, flags=re.S):
            assert not re.search(r"\\[^A-Za-z ]|\*", formula), f"{page}: {formula}"


def test_the_readme_is_one_page_that_fits_its_window() -> None:
    lines = (DOCS.parent / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 110
    assert [line for line in lines if len(line) > 120] == []


def test_every_layer_has_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    layers = set(public_layers) - {"Branch", "Identity", "Layer", "Theta", "Windows"}
    assert {name for name in layers if not re.search(rf"\b{name}\(", text)} == set()
