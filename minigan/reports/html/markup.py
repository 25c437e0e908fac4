"""HTML generation with automatic escaping: a str is escaped, an `Html` is not.

    element("td", "1 < 2")                        <td>1 &lt; 2</td>
    element("p", element("b", "x"), id="a")       <p id="a"><b>x</b></p>

Text from a file is never of type `Html`, so it cannot become markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

Attribute: TypeAlias = str | int | float | bool | None
VOID = ("br", "col", "img", "input", "meta")
MINUS = "\N{MINUS SIGN}"


class Html(str):
    """Markup that is inserted into the page without escaping."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: Attribute) -> Html:
    """<name attributes>content</name>, or <name attributes> for a void element.

    In attribute names, an underscore becomes a hyphen and a trailing underscore is removed
    (`class_`). True gives an attribute without a value. None and False omit the attribute.
    """
    attribute_text = "".join(
        f" {key}" if value is True else f' {key}="{html.escape(str(value))}"'
        for key, value in ((k.rstrip("_").replace("_", "-"), v) for k, v in attributes.items())
        if value is not None and value is not False
    )
    if name in VOID:
        return Html(f"<{name}{attribute_text}>")
    return Html(f"<{name}{attribute_text}>{join(content)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Concatenates the parts. Text is escaped, markup is not."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def html_table(
    heading: Iterable[str], rows: Iterable[Iterable[str]], class_: str | None = None
) -> Html:
    """A table with a heading row. On a narrow screen the table scrolls horizontally."""
    head = element("thead", element("tr", *(element("th", cell, scope="col") for cell in heading)))
    body = element("tbody", *(element("tr", *(element("td", c) for c in row)) for row in rows))
    return element("div", element("table", head, body), class_=f"scrolls {class_ or ''}".strip())


def number(value: float) -> str:
    """The number as text: "12,500" for integers, six significant digits for others."""
    whole = float(value).is_integer() and abs(value) < 10**15
    return f"{value:,.0f}" if whole else f"{value:.6g}"


def signed(text: str) -> str:
    """Replaces a leading hyphen by a minus sign. A hyphen in an exponent is not changed."""
    return MINUS + text[1:] if text.startswith("-") else text
