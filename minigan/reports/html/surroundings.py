"""What the run's numbers may depend on besides recipe and seed, and what changed on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from minigan.reports.html.markup import Html, element, html_table, together
from minigan.system.environment import environment_changes, pools_in_words


def surroundings(facts: Mapping[str, Any]) -> Html:
    """environment.json as a table, and a line for every resumption."""
    rows = [[name, value] for name, value in _rows(facts)]
    resumed = list(_resumed(facts))
    later = element("ul", *(element("li", words) for words in resumed))
    return together(
        [
            html_table(["", "when the run began"], rows),
            later if resumed else element("p", "The run was never resumed."),
        ]
    )


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tables within the table as "data, digest"."""
    for name, value in facts.items():
        if name == "resumed":
            continue
        if name == "blas":
            yield name, pools_in_words(value)
        elif isinstance(value, dict):
            for inner, one in value.items():
                yield f"{name}, {inner}", _told(one)
        else:
            yield name, _told(value)


def _resumed(facts: Mapping[str, Any]) -> Iterator[str]:
    before: dict[str, Any] = dict(facts)
    for item in facts.get("resumed", []):
        # A damaged file may lack a name, which then counts as unknown.
        now: dict[str, Any] = defaultdict(lambda: None, item)
        words = "; ".join(environment_changes(before, now)) or "all as before"
        yield f"resumed after iteration {_told(item.get('iteration'))}: {words}"
        before = now


def _told(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return " x ".join(map(_told, value))
    return f"{value:,}" if type(value) is int and abs(value) < 2**32 else str(value)
