"""Every switch is a setting of both recipes that the command trains, and the first changes none."""

from __future__ import annotations

import pytest

from minigan.reports.coordination_switches import SWITCHES
from minigan.training import recipes


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("recipe", ["toy", "digits"])
def test_each_switch_is_valid_for_both_recipes(name, recipe):
    changed = recipes.load(recipe, SWITCHES[name])
    same = {"recipe", {"toy": "z gaussian", "digits": "z uniform"}[recipe]}
    assert (changed == recipes.load(recipe)) == (name in same)
