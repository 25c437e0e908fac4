"""Pages below docs/zh name their language, and their lines are joined without spaces.

A browser draws the end of a line in a paragraph as a space, which Chinese text does not have:

    ...逐行
    对应...        ->    ...逐行对应...
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

CHINESE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u201c\u201d]"
LINE_END = re.compile(rf"(?<={CHINESE})\n {{0,3}}(?={CHINESE})")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _join_lines)
    app.connect("html-page-context", _name_language)
    return {"parallel_read_safe": True}


def _join_lines(app: Sphinx, page: str, source: list[str]) -> None:
    if page.startswith("zh/"):
        source[0] = joined(source[0])


def joined(text: str) -> str:
    """The text without the ends of lines between two Chinese characters."""
    return LINE_END.sub("", text)


def _name_language(app: Sphinx, page: str, template: str, context: dict[str, Any], _: Any) -> None:
    """The theme writes it as <html lang="...">: browsers choose fonts and voices by it."""
    if page.startswith("zh/"):
        context["language"] = "zh-CN"
