"""The page `algorithm1` as a Jupyter notebook, so that its numbers can be changed and run again.

    text of the page                ->    cells of Markdown
    >>> code, and what it prints    ->    cells of code, without the prompts and the output

The page is the only source; its examples run in the tests.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

PAGE = "algorithm1"
LINK = f'\n<p><a href="{PAGE}.ipynb" download>This page as a notebook</a></p>\n'
EXAMPLES = re.compile(r"^```pycon\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _add_link)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True}


def _add_link(app: Sphinx, page: str, source: list[str]) -> None:
    if page == PAGE:
        heading, _, rest = source[0].partition("\n")
        source[0] = f"{heading}\n{LINK}{rest}"


def _write(app: Sphinx, error: Exception | None) -> None:
    page = Path(app.srcdir, f"{PAGE}.md")
    if error is None and page.exists():
        cells = json.dumps(notebook(page.read_text("utf-8")), indent=1)
        Path(app.outdir, f"{PAGE}.ipynb").write_text(cells, "utf-8")


def notebook(text: str) -> dict[str, Any]:
    """The notebook of a page, in version 4.5 of the format."""
    parts = EXAMPLES.split(text)
    cells = [_cell(i, part.strip()) for i, part in enumerate(parts) if part.strip()]
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": python}, "nbformat": 4, "nbformat_minor": 5}


def _cell(i: int, part: str) -> dict[str, Any]:
    """Part i of the page: text if i is even, an example if it is odd."""
    if i % 2 == 0:
        return {"cell_type": "markdown", "id": f"text-{i}", "metadata": {}, "source": part}
    return {
        "cell_type": "code",
        "id": f"code-{i}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": code_of(part),
    }


def code_of(example: str) -> str:
    """The code of an example: the lines with prompts. One that must fail is caught."""
    lines = [line[4:] for line in example.splitlines() if re.match(r"(>>>|\.\.\.)( |$)", line)]
    code = "\n".join(lines)
    if "Traceback (most recent call last):" in example:
        body = "\n".join(f"    {line}" for line in lines)
        return f"try:\n{body}\nexcept Exception as error:\n    print(repr(error))"
    return code
