"""The settings that identify a run: those that determine its numbers and are not defaults."""

from __future__ import annotations

import pytest
import tiny

from minigan.training.recipes.identity import identifying_settings


def test_settings_without_effect_on_the_numbers_are_left_out() -> None:
    found = identifying_settings(tiny.recipe())
    assert set(found) == {*("data", "prior", "generator", "discriminator", "training", "optimizer")}
    assert set(found["training"]) == {"schedule", "k", "m"}
    assert set(found["data"]) == {"set", "order", "height", "width", "channels"}


@pytest.mark.parametrize(
    ("changes", "table", "added"),
    [
        (
            {"generator__average_keep": 0.5, "generator__average_every": 1},
            "generator",
            {"average_keep": 0.5, "average_every": 1},
        ),
        ({"training__g_steps": 2}, "training", {"g_steps": 2}),
        ({"discriminator__clip": 0.5}, "discriminator", {"clip": 0.5}),
        (
            tiny.ADAM,
            "optimizer",
            {"kind": "adam", "decay": 0.99, "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8},
        ),
    ],
)
def test_a_setting_that_is_not_at_its_default_is_added(changes, table, added) -> None:
    plain, changed = (identifying_settings(tiny.recipe(**one))[table] for one in ({}, changes))
    more = {name: value for name, value in changed.items() if name not in plain}
    assert more == added
