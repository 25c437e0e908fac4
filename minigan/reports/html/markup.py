"""HTML put together so that text stays text: a str is escaped, and only `Html` is taken as it is.

    element("td", "1 < 2")                        <td>1 &lt; 2</td>
    element("p", element("b", "x"), id="a")       <p id="a"><b>x</b></p>

Whatever a file says, it cannot become markup, because nothing that was read is ever `Html`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

Attribute: TypeAlias = str | int | float | bool | None
VOID = ("br", "col", "img", "input", "meta")
MINUS = "\N{MINUS SIGN}"


class Html(str):
    """Markup; its characters are those of the page."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: Attribute) -> Html:
    """<name attributes>content</name>, or <name attributes> for an element without an end.

    In names of attributes an underscore stands for a hyphen, and one at the end for nothing
    (`class_`). True gives the name alone; None and False leave the attribute out.
    """
    opened = "".join(
        f" {key}" if value is True else f' {key}="{html.escape(str(value))}"'
        for key, value in ((k.rstrip("_").replace("_", "-"), v) for k, v in attributes.items())
        if value is not None and value is not False
    )
    if name in VOID:
        return Html(f"<{name}{opened}>")
    return Html(f"<{name}{opened}>{together(content)}</{name}>")


def together(parts: Iterable[str]) -> Html:
    """Parts after one another: text escaped, markup as it is."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def html_table(
    heading: Iterable[str], rows: Iterable[Iterable[str]], class_: str | None = None
) -> Html:
    """A table with a row of headings, which scrolls by itself where the screen is narrow."""
    head = element("thead", element("tr", *(element("th", cell, scope="col") for cell in heading)))
    body = element("tbody", *(element("tr", *(element("td", c) for c in row)) for row in rows))
    return element("div", element("table", head, body), class_=f"scrolls {class_ or ''}".strip())


def number(value: float) -> str:
    """Six significant digits, thousands apart, with a true minus: "-1.38629", "12,500"."""
    whole = float(value).is_integer() and abs(value) < 10**15
    return f"{value:,.0f}" if whole else f"{value:.6g}"


def signed(text: str) -> str:
    """A number's text with a true minus sign for people; an exponent keeps its hyphen."""
    return MINUS + text[1:] if text.startswith("-") else text
