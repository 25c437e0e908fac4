"""The navigation of the site is read from docs/index.md: a heading is a group, a link is a page."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

_LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _add_navigation)
    app.connect("env-check-consistency", _report_missing_pages)
    return {"parallel_read_safe": True}


def groups(index: str) -> dict[str, list[tuple[str, str]]]:
    """(text, page) of the links to pages below each heading of docs/index.md."""
    found = {}
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        found[heading.strip()] = re.findall(r"\[([^\]]+)\]\((?!\.\.|[a-z]+:)([^)#]+)\.md\)", body)
    return found


def _add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """Append one hidden table of contents for each group of docs/index.md."""
    if page != "index":
        return
    for heading, links in groups(source[0]).items():
        entries = "\n".join(f"{text} <{target}>" for text, target in links)
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{entries}\n```\n"


def _report_missing_pages(app: Sphinx, env: Any) -> None:
    """Warn of each page that no group has."""
    for page in sorted(env.found_docs - set(env.files_to_rebuild) - {"index"}):
        message = "docs/%s.md is in no group of the site: add a link to docs/index.md"
        _LOGGER.warning(message, page)
