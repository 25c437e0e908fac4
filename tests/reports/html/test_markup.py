"""HTML generation with escaped text."""

from __future__ import annotations

import pytest
from html_read import EVIL, Read
from hypothesis import example, given
from hypothesis import strategies as st

from minigan.reports.html.markup import Html, element, html_table, join, number, signed


def test_an_element_has_content_and_attributes():
    assert element("td", "1 < 2") == "<td>1 &lt; 2</td>"
    assert element("p", element("b", "x"), id="a", class_="c") == '<p id="a" class="c"><b>x</b></p>'
    assert element("input", hidden=True, id=None, disabled=False, aria_label="a") == (
        '<input hidden aria-label="a">'
    )
    assert join(["<", Html("<br>")]) == "&lt;<br>"


@example(EVIL)
@given(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])))
def test_any_text_and_attribute_value_is_parsed_unchanged(text):
    read = Read(element("p", text, title=text))
    assert read.elements == [("p", {"title": text})]
    assert read.text == text


def test_markup_concatenated_with_plus_is_escaped():
    assert element("p", element("b", "x") + EVIL).count("<") == 2


def test_a_table_escapes_its_cells():
    read = Read(html_table([EVIL], [[EVIL, "b"]], "c"))
    assert [tag for tag, _ in read.elements] == [
        *("div", "table", "thead", "tr", "th"),
        *("tbody", "tr", "td", "td"),
    ]
    assert read.elements[0][1] == {"class": "scrolls c"}
    assert read.text == EVIL + EVIL + "b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-1.3862943611, "\N{MINUS SIGN}1.38629"),
        (12500, "12,500"),
        (4000.0, "4,000"),
        (0.000123456789, "0.000123457"),
        (-1e-7, "\N{MINUS SIGN}1e-07"),
        (1e30, "1e+30"),
        (0.5, "0.5"),
    ],
)
def test_a_number_has_six_digits_and_a_minus_sign(value, text):
    assert signed(number(value)) == text
