"""The pieces that are proved: each with every input and parameter, at points without kinks."""

from __future__ import annotations

from minigan.selfcheck import functions


def test_each_layer_is_checked_in_all_its_inputs_and_parameters() -> None:
    rows = {row.name: row.shape for row in functions.check_layers()}
    assert rows == {
        "linear: x": (3, 6),
        "linear: W": (6, 4),
        "linear: b": (4,),
        "relu: x": (3, 6),
        "sigmoid: x": (3, 6),
        "maxout: x": (3, 6),
        "dropout: x": (3, 6),
        "dropout: mask": (3, 6),
    }


def test_each_objective_is_checked_in_its_logits() -> None:
    names = [row.name for row in functions.check_objectives()]
    assert names == ["V: a_real", "V: a_fake", "minimax: a_fake", "non-saturating: a_fake"]


def test_no_check_stands_on_a_kink() -> None:
    rows = (*functions.check_layers(), *functions.check_objectives())
    assert {row.verdict for row in rows} == {"pass", "not differentiated"}
