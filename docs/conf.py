"""Sphinx settings of the site: `nox -s site` builds it from the pages in docs/.

Sphinx with MyST was chosen because the pages stay plain Markdown that GitHub shows, because `-W`
turns every broken link into an error, and because the theme and its search need no other host.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_site"))

project = "minigan"
html_title = "minigan"
extensions = [
    "myst_parser",
    "groups",
    "formulas",
    "sources",
    "gradient_checks",
    "reference",
    "notebook",
    "chinese",
]
exclude_patterns = ["_site"]
suppress_warnings = ["toc.not_included"]  # `groups` says where to add the page

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
highlight_language = "none"  # indented blocks are formulas

smartquotes = False  # formulas and options contain quotes and hyphens

html_theme = "furo"
html_static_path = ["_site/static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_extra_path = ["figure-1.html"]
html_use_index = False
html_show_copyright = False
