"""The page: one HTML file that holds everything it shows and asks nobody for anything.

Its content security policy says so to the browser too: no request of any kind, and no script but
the one whose SHA-256 stands in the policy, so that no text of a file could ever run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from minigan import __version__
from minigan.evaluation.quality import N_SAMPLES
from minigan.reports.html import curves, svg
from minigan.reports.html.history import BestCheckpoint, History
from minigan.reports.html.markup import Html, element, html_table, number, signed, together
from minigan.reports.html.thinning import MOST
from minigan.training.pictures.animation import evenly

Section = tuple[str, Html]


def page(title: str, header: Html, sections: Sequence[Section]) -> bytes:
    """The whole file; a section without content is left out."""
    style, script = _own("style.css"), _own("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content=f"minigan {__version__}"),
        element("title", title),
        element("style", style),
    )
    bodies = [
        element("section", element("h2", words), content) for words, content in sections if content
    ]
    body = element("body", header, element("main", *bodies), element("script", script))
    # A name may hold half a character (of a file system or of JSON), which UTF-8 cannot write.
    whole = f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"
    return whole.encode("utf-8", "backslashreplace")


def header(history: History, judgement: str | None) -> Html:
    """Which run this is, how far it came, how it ended, and how its samples were judged."""
    epochs = "" if history.epochs is None else f"{history.epochs:,.1f}"
    facts = {
        "recipe": history.recipe.name,
        "seed": str(history.seed),
        "iterations": f"{history.done:,}",
        "epochs": epochs,
        "time": duration(history.seconds) if history.seconds else "",
        "data": str(history.environment["data"]["set"]),
        "device": str(history.environment.get("device", "")),
        "minigan": str(history.environment.get("minigan", "")),
    }
    pairs = (
        element("div", element("dt", name), element("dd", value))
        for name, value in facts.items()
        if value
    )
    return element(
        "header",
        element("h1", history.name),
        element("p", f"{history.ended}.", class_="ended"),
        element("dl", *pairs),
        element("p", f"{N_SAMPLES:,} samples of the last checkpoint: {judgement}.")
        if judgement
        else "",
    )


def of_curves(history: History) -> Html:
    """Every curve of the log; where the best checkpoint was chosen by one, its place in it."""
    found = curves.curves(history.lines, *history.objective)
    if not found:
        return element("p", "Nothing has been logged yet.")
    charts = [svg.chart(curve, _mark(curve, history.best)) for curve in found]
    most = max(len(curve.t) for curve in found)
    words = "Point at a curve, or step through it with the arrow keys, to read its values."
    if most > MOST:
        words += (
            f" Of {most:,} points at most {MOST:,} are drawn: in each stretch the first, the "
            "smallest, the largest and the last."
        )
    return together([element("p", words), element("div", *charts, class_="curves")])


def of_checkpoints(history: History) -> Html:
    """Which states were kept, which is the best and why, and how to draw samples of one."""
    if not history.checkpoints:
        return element("p", "The run has no checkpoint.")
    best = history.best
    if best and "best" in history.checkpoints:
        words = (
            f"The best checkpoint, best.npz, is that of iteration {best.iteration:,}: its "
            f"{best.measure} is {signed(number(best.value))}, measured on validation examples."
        )
    else:
        words = "No checkpoint was chosen as the best."
    last = "" if history.iteration is None else f" The last is that of iteration {history.done:,}."
    names = ", ".join(history.checkpoints)
    which = "best" if "best" in history.checkpoints else "last"
    command = element("code", f"minigan sample {history.path} --checkpoint {which}")
    return together([element("p", words + last), element("p", f"There are: {names}. ", command)])


def of_numbers(lines: Sequence[Mapping[str, Any]]) -> Html:
    """The log as a table, to unfold."""
    if not lines:
        return Html("")
    names = list(dict.fromkeys(name for line in lines for name in line))
    chosen = evenly(len(lines), MOST)
    rows = [[_cell(lines[i], name) for name in names] for i in chosen]
    left_out = len(lines) - len(chosen)
    words = f"{len(chosen):,} lines"
    if left_out:
        words += f", spread evenly over log.jsonl; {left_out:,} more are left out here"
    return element("details", element("summary", words), html_table(names, rows, "numbers"))


def duration(seconds: float) -> str:
    """ "3.2 s", "12 min 5 s", "2 h 3 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _mark(curve: curves.Curve, best: BestCheckpoint | None) -> int | None:
    return best.iteration if best and best.measure in curve.names else None


def _cell(line: Mapping[str, Any], name: str) -> str:
    if name not in line:
        return ""
    value = curves.plain(line[name])
    return json.dumps(line[name]) if value is None else signed(number(value))


def _own(name: str) -> Html:
    """A file that comes with this package: the style or the script."""
    return Html((resources.files("minigan.reports.html") / name).read_text("utf-8"))
