"""The page `reference`: signature and docstring of each public name, read from the code.

minigan.__all__, minigan.gradcheck.__all__    ->    Markdown, appended to docs/reference.md
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx

import minigan
from minigan import gradcheck

# A line of a docstring that describes arguments or fields: an item of a list.
ARGUMENT = re.compile(r"^\w+(, \w+)*( \([^)]*\))?: ")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _add_reference)
    return {"parallel_read_safe": True}


def _add_reference(app: Sphinx, page: str, source: list[str]) -> None:
    """Append the reference to its page."""
    if page == "reference":
        source[0] += "\n".join(reference())


def reference() -> Iterator[str]:
    """The lines of the reference."""
    for module in (minigan, gradcheck):
        yield f"\n## {module.__name__}\n"
        for name in module.__all__:
            yield from _entry(f"{module.__name__}.{name}", getattr(module, name))


def _entry(name: str, thing: Any) -> Iterator[str]:
    """A heading, the signature, the file and the docstring, then those of the methods."""
    yield f"\n### {name}\n"
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        yield f"An instance of {type(thing).__name__}.\n"
        return
    file = thing.__module__.replace(".", "/")
    short = name.rsplit(".")[-1]
    yield from _described(short, thing)
    yield f"Defined in [{file}.py](../{file}.py).\n" if _is_file(thing) else ""
    if inspect.isclass(thing):
        for key, method in vars(thing).items():
            if inspect.isfunction(method) and not key.startswith("_") and method.__doc__:
                yield from _described(f"{short}.{key}", method)


def _is_file(thing: Any) -> bool:
    source = inspect.getsourcefile(thing)
    return source is not None and not source.endswith("__init__.py")


def _described(name: str, thing: Any) -> Iterator[str]:
    """The signature as code and the docstring as Markdown."""
    yield f"```python\n{name}{_signature(thing)}\n```\n"
    yield markdown(inspect.getdoc(thing) or "") + "\n"


def _signature(thing: Any) -> str:
    """The signature without the types, which the docstring names where they matter."""
    try:
        signature = inspect.signature(thing)
    except ValueError:  # an exception without a constructor of its own
        return ""
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    text = str(signature.replace(parameters=bare, return_annotation=signature.empty))
    return re.sub(r"<(?:class|module|function) '?([\w.]+)[^>]*>", r"\1", text)


def markdown(docstring: str) -> str:
    """A docstring as Markdown: indented lines are code, `...` is code, all else is plain text."""
    lines = []
    for line in docstring.splitlines():
        if line.startswith("    ") and (not lines or lines[-1] == "" or lines[-1].startswith(" ")):
            lines.append(line)
            continue
        item = ARGUMENT.match(line)
        text = "`".join(
            part if i % 2 else re.sub(r"([\\*_<>$|#\[\]])", r"\\\1", part)
            for i, part in enumerate(line.strip().split("`"))
        )
        lines.append(f"- {text}" if item else text)
    return "\n".join(lines)
