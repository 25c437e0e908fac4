"""Formulas as MathML, which browsers draw themselves: no script, no font, no other host.

$...$ and $$...$$ in a page, as on GitHub    ->    <math>...</math> in the HTML
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

# A function, unless an operator or a bracket follows: TeX writes "log D" with a thin space.
_FUNCTION = re.compile(r"(<mi>(?:log|exp|sin|cos)</mi>)(?=<m(?!o[ >]))")
_LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension; `html_math_renderer` in conf.py chooses it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}


def _inline(html: HTML5Translator, node: nodes.math) -> None:
    html.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def _block(html: HTML5Translator, node: nodes.math_block) -> None:
    html.body.append(f'<div class="formula">{_mathml(node, "block")}</div>\n')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, display: str) -> str:
    """The formula as MathML. A command that is left over was not known to the converter."""
    mathml = _FUNCTION.sub(r'\1<mspace width="0.17em"/>', convert(node.astext(), display=display))
    if unknown := re.search(r"\\\w+", mathml):
        _LOGGER.warning("unknown command %s in a formula", unknown[0], location=node)
    return mathml
