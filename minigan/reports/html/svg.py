"""A curve as an SVG picture with ticks, a level to compare with, and a readout at every point.

    x = left + (t - t_first) / (t_last - t_first) width
    y = bottom - (value - lowest tick) / (highest tick - lowest tick) height

The picture says everything without a script. The script of the page only looks up the words of the
point that is nearest to the pointer, in `data-points`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from minigan.reports.html import thinning
from minigan.reports.html.axis import Axis, around, between
from minigan.reports.html.curves import Curve
from minigan.reports.html.markup import Html, element, number, signed, together

WIDTH, HEIGHT = 400, 230
LEFT, RIGHT, TOP, BOTTOM = 54, 396, 24, 200
EDGE = 20  # nearer to the right edge, a label ends at its tick
FEW = 40  # points, up to which each is a dot too


def chart(curve: Curve, best: int | None = None) -> Html:
    """A figure: title, picture, and the words of its last point.

    `best` is an iteration to mark, that of the best checkpoint. Thinned to at most
    `thinning.MOST` points.
    """
    rows = thinning.kept(curve.values)
    t = [curve.t[row] for row in rows]
    values = [[column[row] for row in rows] for column in curve.values]
    across, up = _axes(curve)
    x = [across.place(one, LEFT, RIGHT) for one in t]
    y = [[None if v is None else up.place(v, BOTTOM, TOP) for v in column] for column in values]
    words = [_words(curve, t[i], [column[i] for column in values]) for i in range(len(t))]
    points = [
        [round(x[i], 1), words[i], *(None if c is None else round(c, 1) for c in heights)]
        for i, heights in enumerate(zip(*y, strict=True))
    ]
    picture = element(
        "svg",
        *_grid(across, up),
        element("text", curve.unit, class_="unit", x=LEFT, y=TOP - 9) if curve.unit else "",
        *_level(curve, up),
        *_mark(best, across),
        *(_line(i, x, column) for i, column in enumerate(y)),
        element("path", class_="cursor", d=f"M0 {TOP}V{BOTTOM}"),
        *(element("circle", class_=f"cursor dot-{i}", r=4) for i in range(len(y))),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{curve.title}: {words[-1]}",
        tabindex=0,
        data_points=json.dumps(points, ensure_ascii=False, separators=(",", ":")),
    )
    return element(
        "figure",
        element("figcaption", element("b", curve.title), *_legend(curve)),
        picture,
        element("output", words[-1]),
        class_="curve",
    )


def _axes(curve: Curve) -> tuple[Axis, Axis]:
    there = [v for column in curve.values for v in column if v is not None]
    if curve.level:
        there.append(curve.level[0])
    return between(min(curve.t), max(curve.t)), around(min(there), max(there))


def _grid(across: Axis, up: Axis) -> list[Html]:
    """Ticks, with a thin line for each height."""
    parts = []
    for tick, label in zip(up.ticks, up.labels, strict=True):
        y = round(up.place(tick, BOTTOM, TOP), 1)
        parts.append(element("path", class_="grid", d=f"M{LEFT} {y}H{RIGHT}"))
        parts.append(element("text", label, class_="up", x=LEFT - 6, y=round(y + 4, 1)))
    for tick, label in zip(across.ticks, across.labels, strict=True):
        x = round(across.place(tick, LEFT, RIGHT), 1)
        parts.append(element("path", class_="tick", d=f"M{x} {BOTTOM}v4"))
        class_ = "across" if x < RIGHT - EDGE else "end"
        parts.append(element("text", label, class_=class_, x=x, y=BOTTOM + 16))
    parts.append(element("text", "iteration", class_="unit end", x=RIGHT, y=HEIGHT - 3))
    return parts


def _level(curve: Curve, up: Axis) -> list[Html]:
    if not curve.level:
        return []
    y = round(up.place(curve.level[0], BOTTOM, TOP), 1)
    words, at = f"equilibrium {curve.level[1]}", round(y + (12 if y < TOP + 12 else -4), 1)
    return [
        element("path", class_="level", d=f"M{LEFT} {y}H{RIGHT}"),
        element("text", words, class_="level-words", x=RIGHT, y=at),
    ]


def _mark(best: int | None, across: Axis) -> list[Html]:
    if best is None or not across.low <= best <= across.high:
        return []
    x = round(across.place(best, LEFT, RIGHT), 1)
    side, class_ = (-4, "unit end") if x > (LEFT + RIGHT) / 2 else (4, "unit")
    return [
        element("path", class_="mark", d=f"M{x} {TOP}V{BOTTOM}"),
        element("text", "best", class_=class_, x=round(x + side, 1), y=TOP + 9),
    ]


def _line(i: int, x: Sequence[float], y: Sequence[float | None]) -> Html:
    """The polyline through the points that have a value, and a dot at each where they are few."""
    there = [(round(a, 1), round(b, 1)) for a, b in zip(x, y, strict=True) if b is not None]
    points = " ".join(f"{a},{b}" for a, b in there)
    line = element("polyline", class_=f"line-{i}", points=points)
    if len(there) > FEW:
        return line
    dots = (element("circle", class_=f"dot-{i}", cx=a, cy=b, r=2.2) for a, b in there)
    return together([line, *dots])


def _words(curve: Curve, t: int, values: Sequence[float | None]) -> str:
    """ "iteration 2,000: D(x) 0.52, D(G(z)) 0.49", with the unit."""
    told = ", ".join(
        f"{label} {signed(number(value))}{f' {curve.unit}' if curve.unit else ''}"
        for label, value in zip(curve.labels, values, strict=True)
        if value is not None
    )
    return f"iteration {t:,}: {told}"


def _legend(curve: Curve) -> list[Html]:
    """What each line is, where there are two."""
    if len(curve.labels) < 2:
        return []
    return [element("span", label, class_=f"key-{i}") for i, label in enumerate(curve.labels)]
