"""The section with the software and hardware of a run, and their changes between sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from minigan.reports.html.markup import Html, element, html_table, join
from minigan.system.environment import blas_text, environment_changes


def environment_section(facts: Mapping[str, Any]) -> Html:
    """The contents of environment.json as a table, and a line for each resumption of the run."""
    rows = [[name, value] for name, value in _rows(facts)]
    lines = list(_resumed(facts))
    resumed = element("ul", *(element("li", line) for line in lines))
    return join(
        [
            html_table(["", "at the start of the run"], rows),
            resumed if lines else element("p", "The run was not resumed."),
        ]
    )


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values. An entry of a nested table has a name such as "data, digest"."""
    for name, value in facts.items():
        if name == "resumed":
            continue
        if name == "blas":
            yield name, blas_text(value)
        elif isinstance(value, dict):
            for inner, one in value.items():
                yield f"{name}, {inner}", _text(one)
        else:
            yield name, _text(value)


def _resumed(facts: Mapping[str, Any]) -> Iterator[str]:
    """For each resumption, the changes of the environment since the previous session."""
    before: dict[str, Any] = dict(facts)
    for item in facts.get("resumed", []):
        # In a damaged file an entry can be missing; it is reported as None.
        now: dict[str, Any] = defaultdict(lambda: None, item)
        changes = "; ".join(environment_changes(before, now)) or "environment unchanged"
        yield f"resumed after iteration {_text(item.get('iteration'))}: {changes}"
        before = now


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        separator = "; " if any(isinstance(one, str) for one in value) else " x "
        return separator.join(map(_text, value))
    return f"{value:,}" if type(value) is int and abs(value) < 2**32 else str(value)
