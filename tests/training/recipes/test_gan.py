"""Tables of a recipe that do not fit each other are refused with one message."""

from __future__ import annotations

import pytest
import tiny

from minigan.errors import UserError
from minigan.system.fields import read
from minigan.training import recipes

PENALTY = {"discriminator__penalty": "WGANGP", "discriminator__penalty_weight": 0.1}


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_branch_for_c_in_one_network_only_is_refused(player) -> None:
    with pytest.raises(UserError, match=r"set both generator.class_units and discriminator.cl"):
        tiny.recipe(**{f"{player}__class_units": 3})
    assert tiny.recipe(**tiny.CONDITIONAL).conditional
    assert not tiny.recipe().conditional


def test_only_one_kind_of_longer_rows_is_accepted() -> None:
    for one, other, names in (
        (tiny.COMPLETING, tiny.CONDITIONAL, r"data\.masks and generator\.class_units"),
        (tiny.NOISY, tiny.CONDITIONAL, r"generator\.class_units and discriminator\.instance_noise"),
        (tiny.NOISY, tiny.COMPLETING, r"data\.masks and discriminator\.instance_noise"),
        (tiny.COMPLETING, {"generator__sparse_output": 2}, r"masks and generator\.sparse_output"),
        (tiny.CONDITIONAL, {"generator__upper": "run"}, r"class_units and generator\.upper"),
    ):
        with pytest.raises(UserError, match=f"{names} cannot be combined: set only one"):
            tiny.recipe(**one, **other)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_margins_are_for_objectives_with_the_value_of_eq_1(player) -> None:
    with pytest.raises(UserError, match=r"not for 'least_squares': leave them out, or use 'mini"):
        tiny.recipe(**{f"{player}__margin": 0.1}, generator__objective="least_squares")
    tiny.recipe(**{f"{player}__margin": 0.1}, generator__objective="maximum_likelihood")


def test_an_objective_without_a_maximum_in_D_needs_a_penalty_or_a_limit() -> None:
    sentence = (
        r"objective = 'wasserstein' has no maximum in D unless the slopes of D are bounded: set "
        r"discriminator\.penalty and discriminator\.penalty_weight, or discriminator\.clip$"
    )
    with pytest.raises(UserError, match=sentence):
        tiny.recipe(generator__objective="wasserstein")
    tiny.recipe(generator__objective="wasserstein", discriminator__clip=0.01)
    tiny.recipe(generator__objective="wasserstein", **PENALTY)


def test_a_k_that_simultaneous_updates_would_ignore_is_refused():
    tiny.recipe(training__schedule="simultaneous", training__k=1)
    with pytest.raises(UserError, match=r"training\.k = 2 must be 1 with training\.schedule = 'si"):
        tiny.recipe(training__schedule="simultaneous", training__k=2)


def test_steps_on_G_that_simultaneous_updates_would_ignore_are_refused():
    with pytest.raises(UserError, match=r"training\.g_steps = 2 must be 1 with training\.schedule"):
        tiny.recipe(training__schedule="simultaneous", training__k=1, training__g_steps=2)


def test_a_recipe_without_g_steps_has_one_step_on_G():
    assert "g_steps" not in tiny.table()["training"]
    assert tiny.recipe().training.g_steps == 1


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "a\0", "a\n", " a", "a b", "x" * 101]
)
def test_a_name_that_cannot_name_a_folder_is_refused(name):
    with pytest.raises(UserError, match=r"name = .* the name of the run folder contains it"):
        tiny.recipe(name=name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"data__contrast": 55.0}, "which a sigmoid cannot generate"),
        ({"data__contrast": 55.0, "data__set": "ring"}, "data.contrast is for images"),
    ],
)
def test_settings_of_normalised_images_that_cannot_be_combined_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        read(recipes.Recipe, tiny.table(**settings))


def test_a_limit_of_column_norms_is_for_linear_layers_only() -> None:
    assert tiny.recipe(optimizer__max_column_norm=1.0).optimizer.max_column_norm == 1.0
    with pytest.raises(UserError, match=r"max_column_norm limits the columns of linear layers"):
        tiny.recipe(optimizer__max_column_norm=1.0, **tiny.CONVOLUTION)
    deconvolution = {"channels": 1, "kernel": 4, "stride": 2, "pad_out": 1}
    with pytest.raises(UserError, match=r"max_column_norm limits the columns of linear layers"):
        tiny.recipe(
            optimizer__max_column_norm=1.0,
            generator__hidden=[7, 32],
            generator__map=[4, 4],
            generator__deconvolutions=[deconvolution],
        )
