"""One value is checked by its range or its choices, and the error names it."""

from __future__ import annotations

import math

import pytest

from minigan.errors import UserError
from minigan.system.values import closest_name, one_of, within, without_effect


def test_a_value_that_is_not_a_choice_is_refused_with_all_choices():
    one_of("order", "epochs", ("independent", "epochs"))
    with pytest.raises(
        UserError,
        match=r"order = 'epoch' must be one of independent, epochs$",
    ):
        one_of("order", "epoch", ("independent", "epochs"))
    with pytest.raises(UserError, match="order = '' must be one of"):
        one_of("order", "", ("independent", "epochs"))


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_both_ends_of_a_range_are_valid(value):
    within("rate", value, 0, 1)


def test_a_range_that_depends_on_another_setting_names_it() -> None:
    within("pad", 2, 0, 2, "kernel = 3")
    with pytest.raises(UserError, match=r"^pad = 3 must be between 0 and 2 with kernel = 3$"):
        within("pad", 3, 0, 2, "kernel = 3")


@pytest.mark.parametrize("value", [-1e-300, 1 + 1e-15, math.nan, math.inf])
def test_a_number_outside_its_range_is_refused_by_name_nan_included(value):
    with pytest.raises(UserError, match=r"rate = .* must be between 0 and 1"):
        within("rate", value, 0, 1)


def test_a_setting_without_effect_has_its_default_or_the_one_value_of_a_required_setting():
    without_effect("rate", 0.0, 0.0, "here")
    for required, end in ((False, "its default, 0.0"), (True, "0.0")):
        with pytest.raises(UserError, match=rf"^rate = 0\.5 has no effect here: set it to {end}$"):
            without_effect("rate", 0.5, 0.0, "here", required)


def test_the_most_similar_name_is_proposed_or_all_of_them():
    known = ["hidden", "spread"]
    assert closest_name("hiden", known, "G.") == "did you mean G.hidden?"
    assert closest_name("xyz", known, "G.") == "use one of G.hidden, G.spread"
