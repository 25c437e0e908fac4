"""The section "Gradient check" of a page gets the numbers of the rows that it names.

The site is built with the numbers of the gradient check that runs during the build.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from minigan.gradcheck import Row
from minigan.selfcheck import built_in

SECTIONS = {
    "Gradient check": (
        "Computed while this site was built:",
        ("gradient in", "shape", "error", "tolerance", "verdict"),
    ),
    "梯度检验": (
        "在构建本站时计算：",  # noqa: RUF001
        ("梯度", "形状", "误差", "容差", "结论"),
    ),
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_transform(NumbersOfChecks)
    return {"parallel_read_safe": True}


class NumbersOfChecks(SphinxTransform):
    """Add a table of the rows that the section names."""

    default_priority = 100

    def apply(self, **_: Any) -> None:
        """Look for the section in this page."""
        for section in list(self.document.findall(nodes.section)):
            title = section.next_node(nodes.title).astext()
            if title not in SECTIONS:
                continue
            sentence, headings = SECTIONS[title]
            named = {one.astext() for one in section.findall(nodes.literal)}
            rows = [row for name, row in _rows().items() if name in named]
            section += nodes.paragraph("", sentence)
            section += _table([headings, *(_cells(row) for row in rows)])


@cache
def _rows() -> dict[str, Row]:
    """The rows of all layers and objectives by name."""
    rows = (*built_in.check_layers(), *built_in.check_objectives())
    return {row.name: row for row in rows}


def _cells(row: Row) -> tuple[str, ...]:
    shape = " x ".join(map(str, row.shape))
    return row.name, shape, f"{row.error:.1e}", f"{row.tolerance:.0e}", row.verdict


def _table(lines: list[tuple[str, ...]]) -> nodes.table:
    """The table of these lines; the first one has the headings."""
    group = nodes.tgroup(cols=len(lines[0]))
    group += [nodes.colspec(colwidth=1) for _ in lines[0]]
    rows = [
        nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in line))
        for line in lines
    ]
    group += nodes.thead("", rows[0])
    group += nodes.tbody("", *rows[1:])
    return nodes.table("", group)
