"""Settings of one player that do not fit each other are refused with one message."""

from __future__ import annotations

import pytest
import tiny

from minigan.errors import UserError
from minigan.training import recipes

PENALTY = {"discriminator__penalty": "WGANGP", "discriminator__penalty_weight": 0.1}
DECONVOLUTION = {"channels": 1, "kernel": 4, "stride": 2, "pad_out": 1}
MAP = {"generator__hidden": [7, 32], "generator__map": [4, 4]}


def test_the_divisor_of_a_penalty_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match=r"penalty_divisor = 1\.5 has no effect without a penalty"):
        tiny.recipe(discriminator__penalty_divisor=1.5)


@pytest.mark.parametrize("name", PENALTY)
def test_a_penalty_without_a_weight_and_a_weight_without_a_penalty_are_refused(name):
    with pytest.raises(
        UserError, match=r"set both discriminator\.penalty and a discriminator\.pen"
    ):
        tiny.recipe(**{name: PENALTY[name]})


def test_the_settings_of_layers_for_images_are_read_and_written():
    recipe = tiny.recipe(
        **MAP,
        generator__activations=["relu", "sigmoid"],
        generator__deconvolutions=[DECONVOLUTION],
        discriminator__convolutions=[{"channels": 2, "pieces": 2, "kernel": 3}],
    )
    assert recipe.generator.map == (4, 4)
    assert recipe.generator.deconvolutions[0].stride == 2
    assert recipe.discriminator.convolutions[0].pool == 1
    assert recipes.parse(recipes.to_toml(recipe), "text") == recipe
    change = "discriminator.convolutions=[{ channels = 2, pieces = 2, kernel = 3 }]"
    changed = recipes.parse(recipes.to_toml(tiny.recipe()), "text", [change])
    assert changed.discriminator == recipe.discriminator


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"activations": ["relu", "tanh"]}, "activations = 'tanh' must be one of relu, sigmoid"),
        ({"activations": ["relu"]}, "activations has 1 names for the 2 layers of generator.hidden"),
        (
            {"map": [4, 4]},
            r"set both generator.map, \[rows, columns\], and generator.deconvolutions",
        ),
        ({"deconvolutions": [DECONVOLUTION]}, "set both generator.map"),
        ({"deconvolutions": [DECONVOLUTION], "map": [4]}, r"map = \[4\] must have two numbers"),
        (
            {"map": [4, 4, 4]},
            r"^generator\.map = \[4, 4, 4\] must have two numbers, \[rows, columns\]",
        ),
        ({"deconvolutions": [DECONVOLUTION], "map": [4, 0]}, "map = 0 must be between 1 and 4096"),
        (
            {"deconvolutions": [DECONVOLUTION], "map": [4, 4]},
            r"the last of generator.hidden, 5, must be a multiple of the 4 \* 4 places",
        ),
        ({"deconvolutions": [{"channels": 1}]}, r"deconvolutions\[0\]\.kernel is missing"),
        ({"hidden_bias": -2.0}, "hidden_bias is for hidden layers with a sigmoid: leave it out"),
        (
            {"hidden": [7, 32], "map": [4, 4], "deconvolutions": [DECONVOLUTION], "upper": "run"},
            r"generator\.upper is for a G of linear layers: leave it out",
        ),
    ],
)
def test_settings_of_layers_for_images_that_do_not_fit_are_refused(changes, sentence):
    with pytest.raises(UserError, match=sentence):
        tiny.recipe(**{f"generator__{key}": value for key, value in changes.items()})
