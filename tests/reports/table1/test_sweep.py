"""A sweep is every combination of values, each under a name of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minigan.errors import UserError
from minigan.reports.table1.sweep import sweep
from minigan.training import recipes

RATE = ["optimizer.rate", "0.05", "0.1"]


def test_every_combination_has_its_values_and_its_name() -> None:
    found = sweep("digits", ["training.m=7"], [RATE, ["generator.hidden", "[3, 4]", "[5]"]])
    assert [(one.optimizer.rate, one.generator.hidden, one.name) for one in found] == [
        (0.05, (3, 4), "digits-optimizer.rate-0.05-generator.hidden-_3__4_"),
        (0.05, (5,), "digits-optimizer.rate-0.05-generator.hidden-_5_"),
        (0.1, (3, 4), "digits-optimizer.rate-0.1-generator.hidden-_3__4_"),
        (0.1, (5,), "digits-optimizer.rate-0.1-generator.hidden-_5_"),
    ]
    plain = recipes.load("digits", ["training.m=7", "optimizer.rate=0.1", "generator.hidden=[5]"])
    assert found[3] == replace(plain, name=found[3].name)


def test_without_settings_it_is_the_recipe() -> None:
    assert sweep("digits", ["training.m=7"], []) == [recipes.load("digits", ["training.m=7"])]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ([["optimizer.rate"]], "--sweep optimizer.rate needs values: for example --sweep"),
        ([["optimizer.rate", "x"]], "digits: optimizer.rate = 'x' must be a finite number"),
        ([["rate", "1"]], "there is no setting 'rate'; did you mean optimizer.rate?"),
        ([["optimizer.rate", "1", "1"]], "--sweep has the same values twice"),
    ],
)
def test_a_wrong_sweep_is_refused(settings: list[list[str]], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        sweep("digits", [], settings)
    assert str(refused.value).startswith(sentence)
