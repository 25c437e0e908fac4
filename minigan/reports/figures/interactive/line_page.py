"""Figure 1 as one HTML file: p_data, p_g, D, D* and z -> G(z) of recorded games, with a slider.

The file needs no network and no other file. The script draws the frames that are recorded in it,
and computes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from minigan.errors import UserError
from minigan.objectives import Objective
from minigan.reports.figures.interactive import recording
from minigan.reports.figures.line_game import EDGES, LineSetting
from minigan.reports.figures.line_picture import TOP
from minigan.reports.html.document import document, packaged
from minigan.reports.html.markup import MINUS, Html, element
from minigan.system.files import write_atomically
from minigan.training.progress import Progress

LEGENDS = {
    "k": "k, D steps per iteration",
    "objective": "objective of G",
    "rate": "learning rates of Figure 1, times",
}
NUMBERS = {
    "t": "iteration",
    "V": "V(D, G), nats",
    "C": "C(G), V for D*, nats",
    "JSD": "JSD(p_data, p_g), nats",
    "distance": f"mean |D {MINUS} D*|",
    "D_Gz": "mean D(G(z))",
}
CURVES = {"p_data": "p_data", "p_g": "p_g", "D": "D", "D_star": "D*"}
INTRODUCTION = (
    "G maps z, uniform on an interval, to x. D(x) is the probability that x is data. Algorithm 1 "
    "trains both. p_g is exact, and D* = p_data / (p_data + p_g) is the best D for this G (Eq. 2). "
    f"At the optimum p_g = p_data, D = D* = 1/2, JSD = 0 and V = {MINUS}log 4 = {MINUS}1.3863."
)
KEYS = (
    "Move the slider, or press the left and right arrow keys, Home and End; the space bar starts "
    "and stops it."
)


class RecordedGames:
    """The recorded games of one page, each a value of `recording.record`."""

    def __init__(self, seed: int, games: Sequence[dict[str, Any]]) -> None:
        self.seed, self.games = seed, games

    def to_json(self) -> dict[str, Any]:
        """The setting and the last numbers of each game."""
        return {"games": [{**_setting(game), **_numbers(_last(game))} for game in self.games]}

    def __str__(self) -> str:
        """One line for each game."""
        return "\n".join(
            f"k {game['k']}, {game['objective']}, rates x {game['rate']:g}: "
            + (game["failed"] or "iteration {t}: V {V}, JSD {JSD} nats".format(**_last(game)))
            for game in self.games
        )


def write_page(
    out: Path,
    seed: int,
    ks: Sequence[int],
    objectives: Sequence[Objective],
    rates: Sequence[float],
    quiet: bool = False,
) -> RecordedGames:
    """Plays a game for each combination of settings, writes the page to `out`; returns the games.

    Raises UserError before the first game if `out` is no .html file in an existing folder.
    """
    if out.suffix.lower() != ".html":
        raise UserError(f"{out} must end in .html")
    if not out.parent.is_dir():
        raise UserError(f"{out} cannot be written: the folder {out.parent} does not exist")
    settings = list(dict.fromkeys(LineSetting(*one) for one in product(ks, objectives, rates)))
    with Progress(recording.ITERATIONS * len(settings), quiet) as progress:
        report = partial(progress.advance, "iterations of all games")
        games = [recording.record(seed, one, report) for one in settings]
    write_atomically(out, page_of_games(games))
    return RecordedGames(seed, games)


def page_of_games(games: Sequence[dict[str, Any]]) -> bytes:
    """The HTML file with these games; the first one is shown first."""
    recorded = {
        "left": float(EDGES[0]),
        "right": float(EDGES[-1]),
        "top": TOP,
        "p_data": recording.density_of_data(),
        "games": games,
    }
    data = json.dumps(recorded, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    style, script = (packaged(__package__, name) for name in ("style.css", "script.js"))
    return document(
        "Figure 1, recorded",
        style,
        script,
        element("h1", "Figure 1: a GAN in one dimension"),
        element("p", INTRODUCTION),
        element("noscript", element("p", "This page needs JavaScript to draw.")),
        element("form", *(_choice(games, name) for name in LEGENDS), id="settings"),
        element("figure", _picture(), _key()),
        _slider(),
        element("p", id="failed", role="status"),
        element("dl", *(_number(name, text) for name, text in NUMBERS.items())),
        element("p", KEYS, class_="quiet"),
        element("script", Html(data), type="application/json", id="recorded"),
    )


def _setting(game: dict[str, Any]) -> dict[str, Any]:
    return {name: game[name] for name in LEGENDS}


def _last(game: dict[str, Any]) -> dict[str, Any]:
    return {name: game["frames"][-1][name] for name in NUMBERS} | {"failed": game["failed"]}


def _numbers(last: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of the numbers as numbers; None where they are infinite."""
    found = dict(last)
    for name in NUMBERS.keys() - {"t"}:
        text = last[name].replace(MINUS, "-")
        found[name] = None if "∞" in text or text == "nan" else float(text)
    return found


def _choice(games: Sequence[dict[str, Any]], name: str) -> Html:
    """One group of buttons: the values of a setting. A button has the first game with its value."""
    values = [game[name] for game in games]
    buttons = [
        element(
            "label",
            element("input", type="radio", name=name, value=i, checked=i == 0),
            f"{value:g}" if isinstance(value, float) else str(value).replace("_", "-"),
        )
        for i, value in enumerate(values)
        if values.index(value) == i
    ]
    return element("fieldset", element("legend", LEGENDS[name]), *buttons)


def _picture() -> Html:
    """The empty picture: the script fills its paths."""
    line = "M30 310H630M30 390H630M30 280H630M30 155H630"
    labels = [("x", 316), ("z", 396), ("0", 284), ("½", 159)]
    return element(
        "svg",
        element("title", "p_data, p_g, D and D* over x, and arrows from z to x", id="described"),
        element("path", d=line, class_="axes"),
        *(element("text", text, x=20, y=y, text_anchor="end") for text, y in labels),
        *(element("path", id=name, class_="curve") for name in CURVES),
        element("path", id="arrows"),
        viewBox="0 0 640 400",
        role="img",
        aria_labelledby="described",
    )


def _key() -> Html:
    return element(
        "figcaption",
        *(element("span", text, class_=f"key {name}") for name, text in CURVES.items()),
    )


def _slider() -> Html:
    return element(
        "div",
        element("button", "Play", type="button", id="play"),
        element("input", type="range", id="slider", min=0, value=0, aria_label="iteration"),
        id="controls",
    )


def _number(name: str, text: str) -> Html:
    return element("div", element("dt", text), element("dd", id=f"number-{name}"))
