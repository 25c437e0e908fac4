"""Links from pages to files outside docs/ lead to pages of the site that show these files.

    [linear.py](../minigan/layers/linear.py)      the file itself on GitHub,
                                                  source/minigan/layers/linear.py.html on the site

A link to a file that stands alone in its paragraph is replaced by the file's text, so a page of a
layer contains its code and no copy of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docutils import nodes
from markdown_it import MarkdownIt
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.osutil import relative_uri

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {".py": "python", ".toml": "toml", ".cu": "cuda", ".yml": "yaml", ".cfg": "ini"}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="{top}_static/pygments.css">
<link rel="stylesheet" href="{top}_static/site.css">
<body class="source">
<p><a href="{top}index.html">minigan</a></p>
{body}
</body>
</html>
"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_transform(LinksToSources)
    app.connect("build-finished", _write_pages)
    return {"parallel_read_safe": False}


class LinksToSources(SphinxTransform):
    """Replace links to files of the repository, before Sphinx resolves its own links."""

    default_priority = 100

    def apply(self, **_: Any) -> None:
        """Replace each link of this page that leaves docs/."""
        here = Path(self.env.srcdir, self.env.docname).parent
        for node in list(self.document.findall(_is_link)):
            target = Path(os.path.normpath(here / node["reftarget"]))
            if node.get("refdomain") == "doc":
                target = target.with_name(f"{target.name}.md")
            if target.suffix == ".html":  # a page that Sphinx copies, which is not to be downloaded
                node.replace_self(nodes.reference("", "", *node.children, refuri=node["reftarget"]))
            if target.is_relative_to(self.env.srcdir) or not target.exists():
                continue
            path = target.relative_to(ROOT)
            _linked(self.env).add(path)
            if path.suffix == ".py" and len(node.parent) == 1:
                code = (ROOT / path).read_text("utf-8")
                block = nodes.literal_block(code, code, language="python")
                node.parent.replace_self(nodes.container("", block, classes=["included"]))
            else:
                uri = relative_uri(f"{self.env.docname}.html", page_of(path))
                node.replace_self(nodes.reference("", "", *node.children, refuri=uri))


def page_of(path: Path) -> str:
    """The page of the site that shows a file or folder of the repository."""
    return f"source/{path.as_posix()}.html"


def _is_link(node: nodes.Node) -> bool:
    return isinstance(node, addnodes.download_reference | addnodes.pending_xref)


def _linked(env: Any) -> set[Path]:
    """The files to which pages link."""
    if not hasattr(env, "linked_sources"):
        env.linked_sources = set()
    linked: set[Path] = env.linked_sources
    return linked


def _write_pages(app: Sphinx, error: Exception | None) -> None:
    """Write one page for each linked file or folder, and for the files to which these lead.

    They are plain pages: the navigation of the theme on each of them takes a third of a build.
    """
    waiting, done = [] if error else sorted(_linked(app.env)), set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in done:
            done.add(path)
            body, found = _body(app, path)
            waiting += found
            file = Path(app.outdir, page_of(path))
            file.parent.mkdir(parents=True, exist_ok=True)
            top = "../" * (len(path.parts))
            file.write_text(PAGE.format(title=path, top=top, body=body), "utf-8")


def _body(app: Sphinx, path: Path) -> tuple[str, list[Path]]:
    """The HTML of a file or folder, and the files to which it leads."""
    heading, file = f"<h1>{path}</h1>\n", ROOT / path
    if file.is_dir():
        inside = sorted(one for one in file.iterdir() if one.is_file() and one.suffix != ".pyc")
        items = "".join(
            f'<li><a href="{path.name}/{one.name}.html">{one.name}</a></li>' for one in inside
        )
        return f"{heading}<ul>{items}</ul>", [one.relative_to(ROOT) for one in inside]
    text = file.read_text("utf-8")
    if file.suffix == ".md":
        return _markdown(path, text)
    language = LANGUAGES.get(file.suffix, "none")
    highlighter = app.builder.highlighter  # type: ignore[attr-defined]
    return heading + highlighter.highlight_block(text, language), []


def _markdown(path: Path, text: str) -> tuple[str, list[Path]]:
    """The HTML of a Markdown file outside docs/, and the files to which it links."""
    found = []
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(text)
    for token in (
        child for one in tokens for child in one.children or () if child.type == "link_open"
    ):
        address, _, anchor = str(token.attrGet("href")).partition("#")
        target = Path(os.path.normpath(path.parent / address))
        if not address or "://" in address or not (ROOT / target).exists():
            continue
        if target.parts[0] == "docs":
            page = target.relative_to("docs").with_suffix(".html").as_posix()
        else:
            found.append(target)
            page = page_of(target)
        token.attrSet("href", relative_uri(page_of(path), page) + (f"#{anchor}" if anchor else ""))
    return parser.renderer.render(tokens, parser.options, {}), found
