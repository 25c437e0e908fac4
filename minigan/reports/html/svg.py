"""A curve as an SVG chart with ticks, a reference level and a readout of its points.

    x = left + (t - t_first) / (t_last - t_first) width
    y = bottom - (value - lowest tick) / (highest tick - lowest tick) height

The chart is complete without JavaScript. The script of the page only shows the text of the point
that is nearest to the pointer, from the attribute `data-points`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from minigan.reports.html import thinning
from minigan.reports.html.axis import Axis, around, between
from minigan.reports.html.curves import Curve
from minigan.reports.html.markup import Html, element, join, number, signed

WIDTH, HEIGHT = 400, 230
LEFT, RIGHT, TOP, BOTTOM = 54, 396, 24, 200
EDGE = 20  # labels closer than this to the right edge are right-aligned at their tick
FEW = 40  # maximum number of points that are also drawn as dots


def chart(curve: Curve, best: int | None = None) -> Html:
    """A figure element with the title, the meaning, the chart and the text of the last point.

    `best` is the iteration of the best checkpoint, which is marked. The curve is reduced to at most
    `thinning.MOST` points.
    """
    rows = thinning.kept(curve.values)
    t = [curve.t[row] for row in rows]
    values = [[column[row] for row in rows] for column in curve.values]
    across, up = _axes(curve)
    x = [across.position(one, LEFT, RIGHT) for one in t]
    y = [[None if v is None else up.position(v, BOTTOM, TOP) for v in column] for column in values]
    texts = [
        f"iteration {t[i]:,}: {values_text(curve, [column[i] for column in values])}"
        for i in range(len(t))
    ]
    points = [
        [round(x[i], 1), texts[i], *(None if c is None else round(c, 1) for c in heights)]
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
        aria_label=f"{curve.title}: {texts[-1]}",
        tabindex=0,
        data_points=json.dumps(points, ensure_ascii=False, separators=(",", ":")),
    )
    return element(
        "figure",
        element("figcaption", element("b", curve.title), *_legend(curve)),
        element("p", curve.meaning) if curve.meaning else "",
        picture,
        element("output", texts[-1]),
        class_="curve",
    )


def _axes(curve: Curve) -> tuple[Axis, Axis]:
    values = [v for column in curve.values for v in column if v is not None]
    if curve.level:
        values.append(curve.level[0])
    return between(min(curve.t), max(curve.t)), around(min(values), max(values))


def _grid(across: Axis, up: Axis) -> list[Html]:
    """Ticks with labels, and a horizontal grid line at each tick of the y axis."""
    parts = []
    for tick, label in zip(up.ticks, up.labels, strict=True):
        y = round(up.position(tick, BOTTOM, TOP), 1)
        parts.append(element("path", class_="grid", d=f"M{LEFT} {y}H{RIGHT}"))
        parts.append(element("text", label, class_="up", x=LEFT - 6, y=round(y + 4, 1)))
    for tick, label in zip(across.ticks, across.labels, strict=True):
        x = round(across.position(tick, LEFT, RIGHT), 1)
        parts.append(element("path", class_="tick", d=f"M{x} {BOTTOM}v4"))
        class_ = "across" if x < RIGHT - EDGE else "end"
        parts.append(element("text", label, class_=class_, x=x, y=BOTTOM + 16))
    parts.append(element("text", "iteration", class_="unit end", x=RIGHT, y=HEIGHT - 3))
    return parts


def _level(curve: Curve, up: Axis) -> list[Html]:
    if not curve.level:
        return []
    y = round(up.position(curve.level[0], BOTTOM, TOP), 1)
    label, at = f"equilibrium {curve.level[1]}", round(y + (12 if y < TOP + 12 else -4), 1)
    return [
        element("path", class_="level", d=f"M{LEFT} {y}H{RIGHT}"),
        element("text", label, class_="level-label", x=RIGHT, y=at),
    ]


def _mark(best: int | None, across: Axis) -> list[Html]:
    if best is None or not across.low <= best <= across.high:
        return []
    x = round(across.position(best, LEFT, RIGHT), 1)
    side, class_ = (-4, "unit end") if x > (LEFT + RIGHT) / 2 else (4, "unit")
    return [
        element("path", class_="mark", d=f"M{x} {TOP}V{BOTTOM}"),
        element("text", "best", class_=class_, x=round(x + side, 1), y=TOP + 9),
    ]


def _line(i: int, x: Sequence[float], y: Sequence[float | None]) -> Html:
    """The polyline through the points with a value, with dots if there are at most FEW points."""
    drawn = [(round(a, 1), round(b, 1)) for a, b in zip(x, y, strict=True) if b is not None]
    points = " ".join(f"{a},{b}" for a, b in drawn)
    line = element("polyline", class_=f"line-{i}", points=points)
    if len(drawn) > FEW:
        return line
    dots = (element("circle", class_=f"dot-{i}", cx=a, cy=b, r=2.2) for a, b in drawn)
    return join([line, *dots])


def values_text(curve: Curve, values: Sequence[float | None]) -> str:
    """The values of a curve with labels and units, for example "D(x) 0.52, D(G(z)) 0.49"."""
    return ", ".join(
        f"{label} {signed(number(value))}{f' {curve.unit}' if curve.unit else ''}"
        for label, value in zip(curve.labels, values, strict=True)
        if value is not None
    )


def _legend(curve: Curve) -> list[Html]:
    """The labels of the lines, if there are at least two lines."""
    if len(curve.labels) < 2:
        return []
    return [element("span", label, class_=f"key-{i}") for i, label in enumerate(curve.labels)]
