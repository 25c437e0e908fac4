"""A Chinese page is its English page in other words, and every page of the group Learn has one.

Equal in both: headings, code, formulas, pictures, links, and every number of the text. So the
examples run once, in the English page (tests/test_repository.py).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ZH = DOCS / "zh"
CHINESE = sorted([ROOT / "README.zh.md", *ZH.rglob("*.md")])
EQUAL = {
    "headings": r"^(#+) ",
    "code in the text": r"`([^`\n]+)`",
    "examples": r"^```[\s\S]*?^```$",
    "commands": r"^    .+$",
    "formulas": r"\$\$.+?\$\$|\$[^$\n]+\$",
    "numbers": r"\d[\d.,]*\d|\d",
}


def english_of(page: Path) -> Path:
    if page.is_relative_to(ZH):
        return DOCS / page.relative_to(ZH)
    return page.with_name(page.name.replace(".zh", ""))


def text(page: Path) -> str:
    """The page below its heading and its link to the page in the other language."""
    heading, link, rest = re.split(r"\n\n", page.read_text("utf-8"), maxsplit=2)
    assert heading.startswith("# ")
    other = page if page in CHINESE else None
    assert re.fullmatch(r"\[English\]\(.+\)" if other else r"\[中文\]\(.+\)", link)
    return rest


def links(page: Path) -> list[str]:
    """The files to which a page links; a page of docs/zh stands for its English page."""
    found = []
    plain = re.sub(r"^```[\s\S]*?^```$|^    .+$|`[^`\n]+`", "", text(page), flags=re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s#]*)", plain):
        path = target
        if target and "://" not in target:
            path = os.path.relpath(os.path.normpath(page.parent / target), ROOT)
        found.append(path.replace("docs/zh/", "docs/"))
    return sorted(found)


@pytest.fixture(params=CHINESE, ids=lambda page: str(page.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def without_words(formula: str) -> str:
    r"""A formula without spaces and without \text{words}, which are translated."""
    return re.sub(r"\\text\{[^{}]*\}|\s", "", formula)


def linked_from(heading: str) -> list[str]:
    """The pages below a heading of docs/index.md, in its order."""
    index = (DOCS / "index.md").read_text("utf-8")
    section = re.split(rf"^## {heading}$", index, flags=re.MULTILINE)[1].split("\n## ")[0]
    return re.findall(r"^- \[[^\]]+\]\(([\w/-]+\.md)\)", section, re.MULTILINE)


@pytest.mark.parametrize("part", EQUAL)
def test_all_but_the_words_is_equal(page: Path, part: str) -> None:
    """A translation may change the order inside a sentence, so the parts are sorted."""
    found = [re.findall(EQUAL[part], text(one), re.MULTILINE) for one in (english_of(page), page)]
    if part == "formulas":
        found = [list(map(without_words, one)) for one in found]
    assert sorted(found[0]) == sorted(found[1])


def test_headings_have_the_same_levels_in_the_same_order(page: Path) -> None:
    levels = [re.findall(r"^#+ ", text(one), re.MULTILINE) for one in (english_of(page), page)]
    assert levels[0] == levels[1]


def test_pictures_and_links_are_the_same(page: Path) -> None:
    assert links(page) == links(english_of(page))


def test_both_pages_link_to_each_other(page: Path) -> None:
    for one, other in ((page, english_of(page)), (english_of(page), page)):
        (target,) = re.findall(r"^\[(?:English|中文)\]\((.+)\)$", one.read_text("utf-8"), re.M)
        assert (one.parent / target).resolve() == other


def test_a_chinese_page_links_to_the_chinese_page_where_there_is_one(page: Path) -> None:
    for target in re.findall(r"\]\(([\w./-]+\.md)", text(page)):
        linked = Path(os.path.normpath(page.parent / target))
        if linked.is_relative_to(DOCS) and not linked.is_relative_to(ZH):
            assert not (ZH / linked.relative_to(DOCS)).exists(), target


def test_every_page_of_the_group_learn_has_a_chinese_page_in_the_same_order() -> None:
    learn = linked_from("Learn")
    assert {"notation.md", "layers/linear.md", "relatives/nce.md"} <= set(learn)
    assert [page for page in learn if not (ZH / page).exists()] == [], "without a Chinese page"
    chinese = [page.removeprefix("zh/") for page in linked_from("中文")]
    assert [page for page in chinese if page in learn] == learn


def test_no_sentence_was_left_in_english(page: Path) -> None:
    """Quotations of the paper stay, and so do its lines of Algorithm 1, which are shorter."""
    plain = re.sub(r"^```[\s\S]*?^```$|^    .+$|`[^`\n]+`", "", text(page), flags=re.MULTILINE)
    plain = re.sub(r'"[^"]+"|\$[^$\n]+\$', "", plain)
    assert re.findall(r"(?:\b[a-z]{2,} ){6,}[a-z]+", plain) == []
