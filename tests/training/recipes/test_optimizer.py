"""The kinds of optimizers: a setting that has no effect with a kind is refused by name."""

from __future__ import annotations

import re

import pytest
import tiny

from minigan.errors import UserError
from minigan.training import recipes

KINDS = {
    "momentum": {"optimizer__momentum": 0.5, "optimizer__momentum_final": 0.6},
    "rmsprop": {"optimizer__decay": 0.5, "optimizer__epsilon": 1e-3},
    "adam": {"optimizer__beta1": 0.5, "optimizer__beta2": 0.9, "optimizer__epsilon": 1e-3},
}
DEFAULTS = {
    "optimizer__momentum": 0.0,
    "optimizer__momentum_final": 0.0,
    "optimizer__decay": 0.99,
    "optimizer__beta1": 0.9,
    "optimizer__beta2": 0.999,
    "optimizer__epsilon": 1e-8,
}
OTHERS = [
    (kind, name, value)
    for kind, own in KINDS.items()
    for settings in KINDS.values()
    for name, value in settings.items()
    if name not in own
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own_settings_and_a_recipe_text(kind):
    changes = tiny.NO_MOMENTUM | {"optimizer__kind": kind} | KINDS[kind]
    recipe = tiny.recipe(**changes)
    for name, value in changes.items():
        assert getattr(recipe.optimizer, name.removeprefix("optimizer__")) == value
    assert recipes.parse(recipes.to_toml(recipe), "text") == recipe


@pytest.mark.parametrize(("kind", "name", "value"), OTHERS)
def test_of_a_setting_of_another_kind_only_the_default_is_accepted(kind, name, value):
    neutral = tiny.NO_MOMENTUM | {"optimizer__kind": kind}
    sentence = (
        f"{name.replace('__', '.')} = {value} has no effect with optimizer.kind = '{kind}': set it "
        f"to {'' if 'momentum' in name else 'its default, '}{DEFAULTS[name]}"
    )
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        tiny.recipe(**neutral | {name: value})
    assert tiny.recipe(**neutral | {name: DEFAULTS[name]}) == tiny.recipe(**neutral)


def test_a_recipe_without_these_settings_has_momentum_and_the_usual_defaults():
    assert "kind" not in tiny.table()["optimizer"]
    o = tiny.recipe().optimizer
    assert (o.kind, o.decay, o.beta1, o.beta2, o.epsilon) == ("momentum", 0.99, 0.9, 0.999, 1e-8)
