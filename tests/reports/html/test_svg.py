"""A curve as an SVG chart: the coordinates and texts of its points."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from html_read import EVIL, Read

from minigan.reports.html.curves import Curve
from minigan.reports.html.svg import BOTTOM, LEFT, RIGHT, TOP, chart


def curve(t, *columns, level=None, unit="nats"):
    names = ("a", "b")[: len(columns)]
    return Curve("title", unit, names, names, tuple(t), tuple(map(tuple, columns)), level)


def of(markup, tag, class_=None):
    return Read(markup).of(tag, class_)


def points_of(markup):
    (svg,) = of(markup, "svg")
    return json.loads(svg["data-points"])


def test_the_coordinates_of_the_points_agree_with_a_calculation_by_hand():
    # t from 0 to 100 maps to x from 54 to 396; values from 0 to 4 map to y from 200 to 24.
    (line,) = of(chart(curve([0, 50, 100], [0.0, 2.0, 4.0])), "polyline", "line-0")
    assert (LEFT, RIGHT, TOP, BOTTOM) == (54, 396, 24, 200)
    assert line["points"] == "54.0,200.0 225.0,112.0 396.0,24.0"


def test_ticks_are_at_the_coordinates_of_their_values():
    markup = chart(curve([0, 100], [0.0, 4.0]))
    texts = [a for a in of(markup, "text") if a["class"] == "up"]
    assert [float(a["y"]) for a in texts] == [204.0, 160.0, 116.0, 72.0, 28.0]  # 0, 1, 2, 3, 4
    assert [a["d"] for a in of(markup, "path", "grid")][2] == "M54 112.0H396"
    ticks = [a["d"] for a in of(markup, "path", "tick")]  # 0, 50, 100
    assert ticks == ["M54.0 200v4", "M225.0 200v4", "M396.0 200v4"]
    for label in ("0", "50", "100", "nats", "iteration"):
        assert f">{label}</text>" in markup


def test_the_level_is_drawn_and_labelled_also_far_from_all_values():
    markup = chart(curve([0, 1], [1.0, 2.0], level=(4.0, "1/2 < 1")))
    (level,) = of(markup, "path", "level")
    assert level["d"] == "M54 24.0H396"  # the axis is from 1 to 4, so the level is at the top
    assert "equilibrium 1/2 &lt; 1" in markup


def test_the_best_iteration_is_marked_if_it_is_on_the_axis():
    (mark,) = of(chart(curve([0, 100], [0.0, 4.0]), best=25), "path", "mark")
    assert mark["d"] == "M139.5 24V200"
    assert of(chart(curve([0, 100], [0.0, 4.0]), best=101), "path", "mark") == []


def test_the_meaning_of_a_curve_is_above_its_chart():
    explained = replace(curve([0, 1], [1.0, 2.0]), meaning="Lower is < better.")
    assert "</figcaption><p>Lower is &lt; better.</p><svg" in chart(explained)
    assert "<p>" not in chart(curve([0, 1], [1.0, 2.0]))


def test_every_point_has_its_text_and_coordinates():
    points = points_of(chart(curve([0, 1500], [0.0, 2.0], [4.0, None])))
    assert points[0] == [54, "iteration 0: a 0 nats, b 4 nats", 200, 24]
    assert points[1] == [396, "iteration 1,500: a 2 nats", 112, None]


def test_a_gap_is_bridged_and_a_few_points_have_dots():
    markup = chart(curve([0, 1, 2], [0.0, None, 4.0]))
    (line,) = of(markup, "polyline")
    assert line["points"] == "54.0,200.0 396.0,24.0"
    assert len(of(markup, "circle", "dot-0")) == 2
    assert of(chart(curve(range(50), [0.0] * 50)), "circle", "dot-0") == []


def test_one_point_and_equal_values_are_drawn():
    points = points_of(chart(curve([7], [3.0])))
    assert points == [[225.0, "iteration 7: a 3 nats", 112.0]]
    assert len(points_of(chart(curve([1, 2], [0.0, 0.0])))) == 2


def test_a_hundred_thousand_points_are_reduced_to_two_thousand_with_all_peaks():
    values = np.random.default_rng(1).normal(size=100_000)
    values[31_415], values[92_653] = 50, -50
    points = points_of(chart(curve(range(100_000), values.tolist())))
    assert len(points) <= 2000
    texts = [point[1] for point in points]
    assert "iteration 31,415: a 50 nats" in texts
    assert "iteration 92,653: a \N{MINUS SIGN}50 nats" in texts


def test_no_coordinate_is_nan_and_extreme_values_are_inside_the_chart():
    markup = chart(curve([0, 10**12], [-1e150, 1e150]))
    assert "nan" not in markup
    assert "inf" not in markup
    for x, _, y in points_of(markup):
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM


@pytest.mark.parametrize("where", ["title", "unit", "label"])
def test_a_name_from_a_file_is_escaped(where):
    texts = {"title": "t", "unit": "u", "label": "l"} | {where: EVIL}
    one = Curve(texts["title"], texts["unit"], ("x",), (texts["label"],), (1,), ((1.0,),))
    markup = chart(one)
    assert of(markup, "script") == []
    assert EVIL in Read(markup).text + json.dumps(points_of(markup))
