"""The HTML page of the report of a run: its header and its sections."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from minigan.evaluation.quality import N_SAMPLES
from minigan.reports.html import curves, svg
from minigan.reports.html.document import document, packaged
from minigan.reports.html.history import BestCheckpoint, History
from minigan.reports.html.markup import Html, element, html_table, join, number, signed
from minigan.reports.html.thinning import MOST
from minigan.system.text import command
from minigan.training.pictures.animation import evenly

Section = tuple[str, Html]
MOST_FIELDS = 80  # columns of the log


def page(title: str, header: Html, sections: Sequence[Section]) -> bytes:
    """The content of the HTML file. Sections without content are omitted."""
    bodies = [
        element("section", element("h2", heading), content)
        for heading, content in sections
        if content
    ]
    style, script = (packaged("minigan.reports.html", name) for name in ("style.css", "script.js"))
    return document(title, style, script, header, element("main", *bodies))


def header(history: History, quality: str | None) -> Html:
    """The header: the name of the run, how it ended, its main facts and the quality of samples."""
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
        element("p", f"{N_SAMPLES:,} samples of the last checkpoint: {quality}.")
        if quality
        else "",
    )


def curves_section(history: History) -> Html:
    """The curves of the log, then a sentence with the fields that are constant.

    The best checkpoint is marked in the curve of its metric.
    """
    found = curves.curves(history.lines, *(history.objective or (None,)))
    if not found:
        return element("p", "Nothing has been logged yet.")
    constants = [
        f"{curve.title}: {svg.values_text(curve, [column[0] for column in curve.values])}"
        for curve in found
        if curve.constant
    ]
    drawn = [curve for curve in found if not curve.constant]
    charts = [svg.chart(curve, _mark(curve, history.best)) for curve in drawn]
    constant = f"Constant in all log lines: {'; '.join(constants)}." if constants else ""
    closing = element("p", constant) if constant else Html("")
    if not drawn:
        return closing
    largest = max(len(curve.t) for curve in drawn)
    text = "Move the pointer over a curve, or use the arrow keys, to read its values."
    if largest > MOST:
        text += (
            f" At most {MOST:,} of {largest:,} points are drawn: in each interval the first, the "
            "smallest, the largest and the last one."
        )
    return join([element("p", text), element("div", *charts, class_="curves"), closing])


def checkpoints_section(history: History) -> Html:
    """The list of checkpoints, how the best one was selected, and a command to draw samples.

    A checkpoint that cannot be read is described in a warning.
    """
    if not history.checkpoints:
        return element("p", "The run has no checkpoint.")
    best = history.best
    if best and "best" in history.checkpoints:
        text = (
            f"The best checkpoint, best.npz, is of iteration {best.iteration:,}. Its {best.metric} "
            f"on validation examples is {signed(number(best.value))}."
        )
    elif "best" in history.checkpoints:
        text = "The best checkpoint is best.npz."
    else:
        text = "No best checkpoint was selected."
    last = ""
    if history.iteration is not None:
        last = f" The last checkpoint is of iteration {history.done:,}."
    names = ", ".join(history.checkpoints)
    warnings = [
        element("p", f"Warning: {fault}.", class_="warning") for fault in history.damaged.values()
    ]
    listing = [f"Available checkpoints: {names}."]
    good = [name for name in history.checkpoints if name not in history.damaged]
    if good:
        which = "best" if "best" in good else good[0]
        to_copy = element("code", command("sample", history.path, "--checkpoint", which))
        listing = [f"{listing[0]} To draw samples: ", to_copy]
    return join([*warnings, element("p", text + last), element("p", *listing)])


def log_section(lines: Sequence[Mapping[str, Any]]) -> Html:
    """The log as a collapsed table."""
    if not lines:
        return Html("")
    found = list(dict.fromkeys(name for line in lines for name in line))
    names = found[:MOST_FIELDS]
    chosen = evenly(len(lines), MOST)
    rows = [[_cell(lines[i], name) for name in names] for i in chosen]
    omitted = len(lines) - len(chosen)
    summary = f"{len(chosen):,} lines"
    if omitted:
        summary += f", evenly spaced in log.jsonl; {omitted:,} lines are omitted"
    if len(found) > len(names):
        summary += f"; {len(found) - len(names):,} fields are omitted"
    return element("details", element("summary", summary), html_table(names, rows, "numbers"))


def duration(seconds: float) -> str:
    """A time as text, for example "3.2 s", "12 min 5 s" or "2 h 3 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _mark(curve: curves.Curve, best: BestCheckpoint | None) -> int | None:
    return best.iteration if best and best.metric in curve.names else None


def _cell(line: Mapping[str, Any], name: str) -> str:
    if name not in line:
        return ""
    value = curves.plain(line[name])
    return json.dumps(line[name]) if value is None else signed(number(value))
