"""The limits of every setting of a recipe; an invalid value is refused with one message."""

from __future__ import annotations

import copy
from dataclasses import asdict
from pathlib import Path

import pytest
import tiny

import minigan
from minigan.errors import UserError
from minigan.system.fields import read
from minigan.training import recipes

SHIPPED = sorted(
    path.stem for path in (Path(minigan.__file__).parent / "training" / "recipes").glob("*.toml")
)

# Every number of a recipe: the smallest and the largest valid value, and one beyond each.
LIMITS = {
    "prior.size": (1, 100_000, 0, 100_001),
    "generator.spread": (0, 10, -1e-9, 10.1),
    "generator.class_units": (1, 100_000, -1, 100_001),
    "discriminator.class_units": (1, 100_000, -1, 100_001),
    "generator.hidden_bias": (-100, 100, -100.1, 100.1),
    "generator.sparse_output": (0, 100_000, -1, 100_001),
    "optimizer.max_column_norm": (0, 1e6, -1e-9, 1.1e6),
    "generator.output_spread": (0, 10, -1e-9, 10.1),
    "data.contrast": (0, 1e6, -1e-9, 1.1e6),
    "generator.marginal_floor": (1e-9, 0.5, 0.0, 0.51),
    "discriminator.pieces": (1, 1000, 0, 1001),
    "discriminator.spread": (0, 10, -1e-9, 10.1),
    "discriminator.keep_input": (1e-3, 1, 0.0, 1.001),
    "discriminator.keep_hidden": (1e-3, 1, 0.0, 1.001),
    "discriminator.weight_of_V": (1e-6, 1e6, 0.0, 1.1e6),
    "discriminator.penalty_weight": (1e-9, 1e6, -1e-9, 1.1e6),
    "discriminator.penalty_divisor": (1, 10, 0.999, 10.1),
    "discriminator.penalty_floor": (0, 1.0, -1e-9, 1.1),
    "discriminator.clip": (0, 1e6, -1e-9, 1.1e6),
    "generator.margin": (0, 0.5, -1e-9, 0.51),
    "discriminator.margin": (0, 0.5, -1e-9, 0.51),
    "discriminator.instance_noise": (0, 1000, -1e-9, 1000.1),
    "discriminator.rate_factor": (1e-3, 1000, 0.0, 1000.1),
    "training.k": (1, 1000, 0, 1001),
    "training.m": (1, 1_000_000, 0, 1_000_001),
    "training.g_steps": (1, 1000, 0, 1001),
    "training.iterations": (1, 10**12, 0, 10**12 + 1),
    "training.blas_threads": (0, 1024, -1, 1025),
    "optimizer.rate": (0, 1000, -1e-9, 1000.1),
    "optimizer.rate_divisor": (1, 10, 0.999, 10.1),
    "optimizer.rate_floor": (0, 0.1, -1e-9, 0.1001),
    "optimizer.momentum": (0, 0.999999, -0.1, 1.0),
    "optimizer.momentum_final": (0, 0.999999, -0.1, 1.0),
    "optimizer.decay": (0, 0.999999, -0.1, 1.0),
    "optimizer.beta1": (0, 0.999999, -0.1, 1.0),
    "optimizer.beta2": (0, 0.999999, -0.1, 1.0),
    "optimizer.epsilon": (1e-12, 1, 0.0, 1.1),
    "optimizer.momentum_first_epoch": (1, 2, 0, -1),
    "optimizer.momentum_last_epoch": (2, 10**9, 1, 10**9 + 1),
    "log.every": (1, 10**9, 0, 10**9 + 1),
    "log.save_every": (1, 10**9, 0, 10**9 + 1),
    "log.keep_every": (0, 10**9, -1, 10**9 + 1),
    "data.height": (1, 4096, -1, 4097),
    "data.width": (1, 4096, -1, 4097),
    "generator.average_keep": (1e-9, 0.999999, -0.1, 1.0),
    "generator.average_every": (1, 10**9, -1, 10**9 + 1),
}
LISTS = ("generator.hidden", "discriminator.units")
CHOICES = {
    "data.set": (
        *("digits", "faces", "mnist", "fashion-mnist", "cifar-10", "tfd", "folder", "ring"),
        "grid",
    ),
    "data.order": ("independent", "epochs"),
    "prior.kind": ("uniform", "gaussian", "spherical"),
    "generator.output": ("sigmoid", "linear"),
    "log.monitor": ("none", "validation_distance", "parzen"),
    "generator.objective": (
        *("minimax", "non_saturating", "maximum_likelihood", "least_squares"),
        *("wasserstein", "relativistic"),
    ),
    "discriminator.penalty": ("R1", "R2", "R1R2", "WGANGP"),
    "training.schedule": ("algorithm1", "simultaneous"),
    "optimizer.kind": ("momentum", "rmsprop", "adam"),
}


def changed(name, value):
    """The table of the tiny recipe with one setting changed, where the others allow it."""
    fitting = {"training__k": 1, "log__save_every": 1}
    if name in ("data.height", "data.width"):
        fitting |= {"data__set": "folder", "data__height": 1, "data__width": 1}
    if name == "generator.hidden_bias":
        fitting |= {"generator__activations": ["relu", "sigmoid"]}
    if name == "data.contrast":
        fitting |= {"generator__output": "linear"}
    key = name.removeprefix("optimizer.")
    if key in ("kind", "decay", "beta1", "beta2", "epsilon"):
        fitting |= tiny.NO_MOMENTUM
        fitting |= {"optimizer__kind": "rmsprop" if key == "decay" else "adam"}
    if name == "generator.objective":
        fitting |= {"discriminator__clip": 0.1}
    if name.startswith("discriminator.penalty"):
        fitting |= {"discriminator__penalty": "R1", "discriminator__penalty_weight": 1.0}
    if name.startswith("generator.average"):
        fitting |= {"generator__average_keep": 0.5, "generator__average_every": 1}
    if name.endswith(".class_units"):
        fitting |= tiny.CONDITIONAL
    return recipes.Recipe, tiny.table(**fitting | {name.replace(".", "__"): value})


def test_limits_lists_and_choices_cover_every_setting():
    tables = asdict(tiny.recipe())
    del tables["name"]
    named = {f"{table}.{key}" for table, keys in tables.items() for key in keys}
    others = {"generator.activations", "generator.map", "generator.deconvolutions"}
    others |= {"discriminator.convolutions", "data.channels", "generator.upper", "data.masks"}
    assert named == {*LIMITS, *LISTS, *CHOICES, *others}


def test_masks_are_of_known_kinds_and_for_pixels_and_a_D_without_convolutions() -> None:
    assert tiny.recipe(**tiny.COMPLETING).completes
    assert not tiny.recipe().completes
    with pytest.raises(UserError, match=r"data\.masks = 'halves' must be one of pixels, rect"):
        tiny.recipe(data__masks=["pixels", "halves"])
    with pytest.raises(UserError, match=r"data\.masks is for pixels in \[0, 1\]"):
        tiny.recipe(data__masks=["all"], data__contrast=1.0, generator__output="linear")
    with pytest.raises(UserError, match=r"data\.masks is for a D without convolutions"):
        tiny.recipe(**tiny.COMPLETING, **tiny.CONVOLUTION)


@pytest.mark.parametrize("name", LIMITS)
def test_the_ends_of_every_range_are_accepted(name):
    for value in LIMITS[name][:2]:
        cls, table = changed(name, value)
        section, key = name.split(".")
        assert getattr(getattr(read(cls, table), section), key) == value


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_beyond_a_limit_is_refused_by_name(name):
    for value in LIMITS[name][2:]:
        with pytest.raises(UserError, match=rf"^{name} = .* must be between"):
            read(*changed(name, value))


@pytest.mark.parametrize("name", LISTS)
def test_the_limits_apply_to_every_size_in_a_list(name):
    read(*changed(name, [1, 100_000]))
    for sizes in ([5, 0], [100_001], [-1]):
        with pytest.raises(UserError, match=rf"^{name} = .* must be between 1 and 100000"):
            read(*changed(name, sizes))


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_accepted_and_another_word_refused(name):
    for word in CHOICES[name]:
        read(*changed(name, word))
    with pytest.raises(UserError, match=rf"^{name} = 'nonsense' must be one of"):
        read(*changed(name, "nonsense"))


def test_the_momentum_ramp_ends_after_it_begins():
    with pytest.raises(UserError, match=r"optimizer\.momentum_last_epoch = 5 must be between 6"):
        tiny.recipe(optimizer__momentum_first_epoch=5, optimizer__momentum_last_epoch=5)


def test_a_missing_setting_is_refused_by_name():
    whole = tiny.table()
    for section, keys in whole.items():
        for key in keys if isinstance(keys, dict) else ():
            short = copy.deepcopy(whole)
            del short[section][key]
            with pytest.raises(UserError, match=rf"{section}\.{key} is missing"):
                read(recipes.Recipe, short)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data__channels": 2}, r"data\.channels = 2 must be 1 \(grey\), 3"),
        (
            {"data__height": 8, "data__width": 8},
            r"height = 8 has no effect with data\.set = 'digits'",
        ),
        ({"data__width": 8}, r"width = 8 has no effect with .*: set it to its default, 0$"),
        ({"data__channels": 1}, r"channels = 1 has no effect with .*: set it to its default, 0$"),
        ({"data__set": "folder", "data__height": 8}, "data.height and data.width, or neither"),
        ({"data__set": "folder", "data__width": 8}, "data.height and data.width, or neither"),
        ({"log__keep_every": 4}, r"log\.keep_every = 4 must be a multiple of log\.save_every = 3"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes, words):
    with pytest.raises(UserError, match=words):
        tiny.recipe(**changes)


def test_the_sizes_of_images_are_optional():
    tiny.recipe(data__set="folder")
    for channels in (0, 1, 3):
        data = tiny.recipe(
            data__set="folder", data__height=8, data__width=9, data__channels=channels
        ).data
        assert (data.height, data.width, data.channels) == (8, 9, channels)
