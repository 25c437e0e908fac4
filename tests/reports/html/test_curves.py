"""The curves of a log."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import tiny

from minigan.objectives import Equilibrium, minimax, non_saturating
from minigan.reports.html.curves import curves, plain
from minigan.training.recorder import Recorder, Reporting
from minigan.training.runs.directory import RunDirectory

PENALTY = {"discriminator__penalty": "R1", "discriminator__penalty_weight": 0.1}
MINIMAX, NON_SATURATING = minimax.equilibrium, non_saturating.equilibrium
COLUMNS = Recorder(
    tiny.experiment(**PENALTY), RunDirectory(Path("unused")), Reporting(quiet=True)
).columns


def line(t, **more):
    return {"iteration": t, "seconds": t / 10, "V": -1.0 - t, "D_x": 0.6, "D_Gz": 0.4, **more}


def by_name(found):
    return {name: curve for curve in found for name in curve.names}


def test_every_number_of_the_log_is_in_a_curve():
    lines = [line(2, modes_found=7, loss_g=1.0), line(4), line(6, modes_found=8, sigma=0.2)]
    found = by_name(curves(lines, MINIMAX))
    for one in lines:
        for name, value in one.items():
            if name != "iteration":
                curve = found[name]
                column = curve.values[curve.names.index(name)]
                assert column[curve.t.index(one["iteration"])] == value
    assert found["modes_found"].title == "modes found"
    assert found["modes_found"].t == (2, 6)  # a line without this field gives no point


def test_every_column_of_the_recorder_has_a_curve():
    everything = dict.fromkeys(COLUMNS, 1.0) | {"iteration": 1}
    assert set(by_name(curves([everything], MINIMAX))) == set(COLUMNS) - {"iteration"}


def test_every_column_of_the_recorder_is_explained_in_sentences():
    everything = dict.fromkeys(COLUMNS, 1.0) | {"iteration": 1, "my_field": 1.0}
    found = by_name(curves([everything], MINIMAX))
    assert found.pop("my_field").meaning == ""
    assert all(curve.meaning.endswith(".") for curve in found.values())


def test_a_curve_is_constant_if_each_field_has_one_value_in_two_lines():
    lines = [{"iteration": t, "mu": 0.5, "D_x": 0.5, "D_Gz": t / 4, "V": -1.0} for t in (1, 2)]
    del lines[1]["V"]
    found = by_name(curves(lines, MINIMAX))
    assert {name for name, curve in found.items() if curve.constant} == {"mu"}


def test_the_curves_of_the_game_have_their_equilibrium_values():
    found = by_name(curves([line(1, loss_g=1.0)], NON_SATURATING))
    assert found["V"].level == (pytest.approx(-1.3862943611), "\N{MINUS SIGN}log 4")
    assert found["loss_g"].level == (pytest.approx(math.log(2)), "log 2")
    assert found["D_x"] is found["D_Gz"]
    assert found["D_x"].labels == ("D(x)", "D(G(z))")
    assert found["D_x"].level == (0.5, "1/2")
    assert found["V"].unit == found["loss_g"].unit == "nats"
    of_G = by_name(curves([line(1, loss_g=1.0)], MINIMAX))["loss_g"].level
    assert of_G == (pytest.approx(-math.log(2)), "\N{MINUS SIGN}log 2")


def test_values_that_are_not_numbers_have_no_curve():
    odd = {"words": "x", "yes": True, "none": None, "list": [1], "huge": 10**400, "far": -1e151}
    assert set(by_name(curves([{"iteration": 1, "V": 1.0, **odd}], MINIMAX))) == {"V"}
    assert plain(7) == 7.0
    assert plain(1e150) == 1e150
    assert plain(True) is None


def test_an_empty_log_has_no_curves():
    assert curves([], MINIMAX) == []
    assert curves([{"iteration": 10**400, "V": 1.0}], MINIMAX) == []


def test_lines_are_sorted_by_iteration():
    (curve,) = curves([{"iteration": 3, "V": 3}, {"iteration": 1, "V": 1}], MINIMAX)
    assert (curve.t, curve.values) == ((1, 3), ((1.0, 3.0),))


def test_a_missing_value_of_one_of_two_fields_is_none():
    (curve,) = curves([{"iteration": 1, "D_x": 0.5}, {"iteration": 2, "D_Gz": 0.4}], MINIMAX)
    assert curve.values == ((0.5, None), (None, 0.4))


def test_a_custom_objective_has_its_own_equilibrium_values_and_unit():
    found = by_name(curves([line(1, loss_g=1.0)], Equilibrium(-0.25, 0.125, 0.5), ""))
    assert found["V"].level == (-0.25, "\N{MINUS SIGN}0.25")
    assert found["loss_g"].level == (0.125, "0.125")
    assert found["D_x"].level == (0.5, "1/2")
    assert found["V"].unit == found["loss_g"].unit == ""
