"""The recipe of a DBN, CAE or GSN: limits, settings of another kind, and what only a GAN has."""

from __future__ import annotations

import re

import pytest
import tiny_relative

from minigan.errors import UserError
from minigan.training import recipes

RELATIVES = [f"{data}-{kind}" for data in ("digits", "mnist") for kind in ("dbn", "cae", "gsn")]

# A kind, and a setting with its smallest and largest valid value, and one beyond each.
LIMITS = [
    ("dbn", "model.chain_steps", 1, 10**6, 0, 10**6 + 1),
    ("dbn", "model.layer_iterations", 1, 5, -1, 10**12 + 1),
    ("dbn", "model.gibbs_steps", 1, 1000, 0, 1001),
    ("cae", "model.contraction", 0, 1e6, -1e-9, 1.1e6),
    ("cae", "model.chain_sigma", 0, 1e6, -1e-9, 1.1e6),
    ("gsn", "model.walk_steps", 1, 100, 0, 101),
    ("gsn", "model.noise", 0, 1000, -1e-9, 1000.1),
    ("gsn", "model.salt", 0, 1, -1e-9, 1.1),
    ("dbn", "training.m", 1, 10**6, 0, 10**6 + 1),
    ("dbn", "training.iterations", 1, 10**12, 0, 10**12 + 1),
    ("dbn", "training.blas_threads", 0, 1024, -1, 1025),
]


@pytest.mark.parametrize(("kind", "name", "low", "high", "below", "above"), LIMITS)
def test_the_ends_of_a_range_are_accepted_and_what_is_beyond_is_refused(
    kind, name, low, high, below, above
) -> None:
    key = name.replace(".", "__")
    for value in (low, high):
        section, _, setting = name.partition(".")
        found = tiny_relative.recipe(kind, **{key: value})
        assert getattr(getattr(found, section), setting) == value
    for value in (below, above):
        with pytest.raises(UserError, match=rf"^{re.escape(name)} = .* must be between"):
            tiny_relative.recipe(kind, **{key: value})


@pytest.mark.parametrize(
    ("kind", "name", "value", "default"),
    [
        ("dbn", "contraction", 0.1, 0.0),
        ("dbn", "salt", 0.1, 0.0),
        ("cae", "persistent", True, False),
        ("cae", "gibbs_steps", 2, 1),
        ("gsn", "layer_iterations", 2, 0),
        ("gsn", "chain_sigma", 0.1, 0.0),
    ],
)
def test_of_a_setting_of_another_kind_only_the_default_is_accepted(
    kind, name, value, default
) -> None:
    shown, instead = (str(one).lower() for one in (value, default))
    sentence = (
        f"model.{name} = {shown} has no effect with model.kind = '{kind}': set it to its default, "
        f"{instead}"
    )
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        tiny_relative.recipe(kind, **{f"model__{name}": value})
    assert tiny_relative.recipe(kind, **{f"model__{name}": default}) == tiny_relative.recipe(kind)


def test_a_gsn_has_two_hidden_layers() -> None:
    with pytest.raises(UserError, match="has 3 numbers, and a GSN has two hidden layers"):
        tiny_relative.recipe("gsn", model__hidden=[3, 3, 3])


def test_a_stack_needs_the_iterations_of_its_layers_and_one_layer_has_none() -> None:
    for changes in ({"layer_iterations": 0}, {"hidden": [5]}):
        with pytest.raises(UserError, match=r"for two or more layers .*, and set it to 0 for one"):
            tiny_relative.recipe("dbn", **{f"model__{key}": v for key, v in changes.items()})
    tiny_relative.recipe("dbn", model__hidden=[5], model__layer_iterations=0)


def test_it_is_said_if_the_top_layer_is_not_trained() -> None:
    three = {"model__hidden": [5, 4, 3], "model__layer_iterations": 3}
    assert tiny_relative.recipe("cae", training__iterations=7, **three).untrained == ""
    assert tiny_relative.recipe("cae", training__iterations=6, **three).untrained.startswith(
        "6 iterations train no top layer, because the layers below it have 6: set training."
        "iterations to more than 6, or reduce model.layer_iterations; "
    )
    assert tiny_relative.recipe("gsn", training__iterations=1).untrained == ""


@pytest.mark.parametrize("kind", tiny_relative.KINDS)
def test_the_unused_settings_are_those_of_gans_and_of_other_kinds(kind) -> None:
    unused = tiny_relative.recipe(kind).unused_settings
    of_gan = {"data.order", "data.masks", "data.contrast", "optimizer.max_column_norm"}
    assert of_gan < unused
    assert ("model.salt" in unused) is (kind != "gsn")
    assert ("model.layer_iterations" in unused) is (kind == "gsn")
    assert "model.hidden" not in unused


def test_an_unknown_table_is_compared_with_those_of_all_models(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = recipes.to_toml(recipes.load_any("digits-cae"))
    (tmp_path / "a.toml").write_text(text.replace("[model]", "[modle]"))
    with pytest.raises(UserError, match=r"^a\.toml: there is no modle; did you mean model\?$"):
        recipes.load_any("a.toml")
    (tmp_path / "a.toml").write_text("[xyz]\nq = 1\n")
    with pytest.raises(UserError, match=r"there is no xyz; use one of .*, generator, .*, model$"):
        recipes.load_any("a.toml")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data__set": "ring"}, r"data\.set = 'ring' has points, and a deep belief network needs"),
        ({"data__contrast": 1.0}, r"data\.contrast = 1.0 has no effect on a deep belief network"),
        (
            {"data__masks": ["all"]},
            r"masks = \['all'\] has no effect .*: set it to its default, \[\]",
        ),
        ({"data__order": "epochs"}, r"'epochs' has no effect .*: set it to 'independent'$"),
        ({"optimizer__max_column_norm": 1.0}, r"max_column_norm = 1.0 has no effect on a deep"),
        ({"name": ".hidden"}, r"name = '\.hidden' must be 1 to 100 letters"),
        ({"model__kind": "rbm"}, r"model\.kind = 'rbm' must be one of dbn, cae, gsn"),
        (
            {"model__hidden": [0]},
            r"^each number of model\.hidden must be between 1 and 100,000, but one is 0",
        ),
    ],
)
def test_what_a_relative_cannot_have_is_refused(changes, sentence) -> None:
    with pytest.raises(UserError, match=sentence):
        tiny_relative.recipe("dbn", **changes)


@pytest.mark.parametrize("name", [*RELATIVES, "mnist-gsn-2013"])
def test_the_built_in_recipes_are_read_back_from_what_is_written(name, tmp_path) -> None:
    recipe = recipes.load_any(name)
    assert recipe.name == name
    assert isinstance(recipe, recipes.RelativeRecipe)
    assert not recipe.completes
    assert not recipe.conditional
    path = tmp_path / "copy.toml"
    path.write_text(recipes.to_toml(recipe))
    assert recipes.load_any(str(path)) == recipe


def test_a_change_is_made_and_an_unknown_setting_is_refused() -> None:
    changed = recipes.load_any("digits-dbn", ["model.hidden=[9, 8]", "optimizer.rate=.5"])
    assert (changed.model.hidden, changed.optimizer.rate) == ((9, 8), 0.5)
    with pytest.raises(UserError, match=r"no setting 'generator\.hidden'; did you mean model\.hid"):
        recipes.load_any("digits-dbn", ["generator.hidden=[9]"])
    with pytest.raises(UserError, match=r"there is no setting 'model\.hidden'"):
        recipes.load_any("digits", ["model.hidden=[9]"])


@pytest.mark.parametrize("load", [recipes.load, lambda name: recipes.load(f"{name}.toml")])
def test_what_needs_a_gan_refuses_a_relative_by_its_name(load, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits-cae.toml").write_text(recipes.to_toml(recipes.load_any("digits-cae")))
    with pytest.raises(UserError) as caught:
        load("digits-cae")
    assert str(caught.value).removeprefix("digits-cae").removeprefix(".toml") == (
        " is for a stacked CAE, which has no G and no D, but a GAN is needed here: give the recipe "
        "or the run of a GAN, for example digits"
    )


def test_the_published_gsn_has_the_settings_of_its_authors_code() -> None:
    """Bengio et al. 2014 and yaoli/GSN: 784-1500-1500, noise 2, salt and pepper 0.4, 4 steps."""
    recipe = recipes.load_any("mnist-gsn-2013")
    assert recipe.model.hidden == (1500, 1500)
    assert (recipe.model.walk_steps, recipe.model.noise, recipe.model.salt) == (4, 2.0, 0.4)
    assert recipe.training.m == 100
    # Their momentum is an average, m <- 0.5 m + 0.5 g, and their rate 0.25, times 0.995 per epoch.
    assert recipe.optimizer.rate == 0.5 * 0.25
    assert recipe.optimizer.momentum == recipe.optimizer.momentum_final == 0.5
    assert recipe.optimizer.rate_divisor**500 == pytest.approx(1 / 0.995, rel=1e-6)
