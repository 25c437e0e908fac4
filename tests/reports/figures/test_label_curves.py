"""The figure has one curve per kind of features, with the means and standard errors in percent."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from PIL import Image

from minigan.reports.few_labels import FewLabels
from minigan.reports.figures.label_curves import draw_label_curves

ERRORS = {"pixels": [[0.3, 0.5], [0.1, 0.1]], "untrained D": [[0.6, 0.6], [0.3, 0.3]]}
ERRORS |= {"D": [[0.2, 0.4], [0.05, 0.05]], "E": [[0.2, 0.2], [0.2, 0.2]]}
FOUND = FewLabels("test images of x", 300, 1, dict.fromkeys(ERRORS, 64), (20, 100), ERRORS, ERRORS)


def test_the_curves_are_the_means_with_their_errors(monkeypatch):
    drawn, errorbar = [], Axes.errorbar

    def recorded(axes, x, y, yerr, **options):
        drawn.append((list(x), y, yerr, options["label"]))
        return errorbar(axes, x, y, yerr, **options)

    monkeypatch.setattr(Axes, "errorbar", recorded)
    png = draw_label_curves(FOUND, ".png")
    assert Image.open(io.BytesIO(png)).size == (896, 736)
    x, y, bars, label = drawn[0]
    assert (x, y, bars) == ([20, 100], pytest.approx([40, 10]), pytest.approx([10, 0]))
    assert label == "pixels: 10.00 % with 100 labels"
    assert [one[3].split(":")[0] for one in drawn] == [*ERRORS]


def test_equal_results_give_equal_bytes_and_a_run_without_E_has_three_curves():
    three = {name: errors for name, errors in ERRORS.items() if name != "E"}
    found = FewLabels("test images of x", 300, 1, dict.fromkeys(three, 64), (20, 100), three, three)
    assert draw_label_curves(found, ".svg") == draw_label_curves(found, ".svg")
    assert draw_label_curves(found, ".svg") != draw_label_curves(FOUND, ".svg")


def test_a_curve_without_errors_can_be_drawn():
    none = {name: [[0.0, 0.0], [0.0, 0.0]] for name in ERRORS}
    for errors in (none, {**ERRORS, "D": none["D"]}):
        assert draw_label_curves(replace(FOUND, errors=errors), ".png").startswith(b"\x89PNG")
