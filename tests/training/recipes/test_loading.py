"""Recipes are loaded by name or path, changed by settings, and written so that they read back."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

import minigan
from minigan.errors import UserError
from minigan.training import recipes
from minigan.training.recipes.loading import setting_types

SHIPPED = sorted(
    path.stem for path in (Path(minigan.__file__).parent / "training" / "recipes").glob("*.toml")
)

GANS = [name for name in SHIPPED if isinstance(recipes.load_any(name), recipes.Recipe)]


def test_the_names_are_those_of_the_built_in_files():
    assert recipes.names() == SHIPPED
    assert "digits" in SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_built_in_recipe_loads_by_its_name(name):
    assert recipes.load_any(name).name == name


@pytest.mark.parametrize("name", GANS)
def test_a_built_in_recipe_written_as_toml_is_read_back_equal(name):
    chosen = recipes.load(name)
    assert recipes.parse(recipes.to_toml(chosen), "text") == chosen


@given(
    rate=st.floats(0, 1000),
    spread=st.floats(0, 10),
    hidden=st.lists(st.integers(1, 100_000), min_size=1, max_size=5),
    iterations=st.integers(1, 10**12),
    name=st.from_regex(r"[\w-][\w.-]{0,99}", fullmatch=True),
)
def test_any_recipe_written_as_toml_is_read_back_equal(rate, spread, hidden, iterations, name):
    chosen = tiny.recipe(
        name=name,
        optimizer__rate=rate,
        generator__spread=spread,
        generator__hidden=hidden,
        training__iterations=iterations,
    )
    assert recipes.parse(recipes.to_toml(chosen), "text") == chosen


def test_a_recipe_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(recipes.to_toml(tiny.recipe()))
    assert recipes.load(str(path)) == tiny.recipe()


def test_an_unknown_recipe_is_refused_with_the_known_names():
    with pytest.raises(UserError, match=r"no recipe 'minst'; did you mean mnist\? \(minigan info"):
        recipes.load("minst")


def test_a_run_folder_is_refused_with_the_commands_that_resume_and_repeat_it(tmp_path):
    (tmp_path / "recipe.toml").touch()
    with pytest.raises(UserError) as refused:
        recipes.load(str(tmp_path))
    assert str(refused.value) == (
        f"{tmp_path} is a run folder: resume it with minigan train --resume {tmp_path}, "
        f"or repeat it with minigan train {tmp_path}/recipe.toml"
    )


def test_a_file_that_cannot_be_read_is_refused_with_its_path_and_the_reason(tmp_path):
    with pytest.raises(UserError, match=r"no\.toml cannot be read: No such file or directory$"):
        recipes.load(str(tmp_path / "no.toml"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UserError, match=r"folder\.toml cannot be read: Is a directory$"):
        recipes.load(str(tmp_path / "folder.toml"))
    (tmp_path / "binary.toml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(UserError, match=r"binary\.toml cannot be read: it is not UTF-8 text$"):
        recipes.load(str(tmp_path / "binary.toml"))


@pytest.mark.parametrize(
    "text",
    ["name = ", "{}", "a = 1\na = 2", f"a = {'9' * 5000}", f"a = {'[' * 100_000}"],
    ids=["no value", "json", "twice", "5000 digits", "deep"],
)
def test_a_text_that_is_not_toml_is_refused_with_its_source(text):
    with pytest.raises(UserError, match=r"^mine\.toml is not TOML: "):
        recipes.parse(text, "mine.toml")


def test_a_wrong_setting_is_refused_with_its_source():
    text = recipes.to_toml(tiny.recipe()).replace("m = 10", "m = 0")
    with pytest.raises(UserError, match=r"^mine\.toml: training\.m = 0 must be between 1 and"):
        recipes.parse(text, "mine.toml")


TEXT = recipes.to_toml(tiny.recipe())


def changed(*changes):
    return recipes.parse(TEXT, "tiny.toml", changes)


@pytest.mark.parametrize(
    ("change", "section", "key", "value"),
    [
        ("optimizer.rate=0.05", "optimizer", "rate", 0.05),
        (" optimizer.rate = 5e-2 ", "optimizer", "rate", 0.05),
        ("optimizer.rate=1", "optimizer", "rate", 1.0),
        ("prior.kind=gaussian", "prior", "kind", "gaussian"),
        ("prior.kind='gaussian'", "prior", "kind", "gaussian"),
        ('prior.kind="gaussian"', "prior", "kind", "gaussian"),
        ("generator.hidden=[3, 4, 5]", "generator", "hidden", (3, 4, 5)),
        ("training.m=7", "training", "m", 7),
        ("training.m=1e1", "training", "m", 10),
        ("optimizer.rate=.5", "optimizer", "rate", 0.5),
    ],
)
def test_a_setting_is_changed_by_its_name_and_no_other_is(change, section, key, value):
    recipe = changed(change)
    assert getattr(getattr(recipe, section), key) == value
    assert recipe == tiny.recipe(**{f"{section}__{key}": list(value) if key == "hidden" else value})


def test_the_last_of_two_changes_of_a_setting_is_used():
    assert changed("training.m=7", "training.m=8").training.m == 8
    assert changed("name=other").name == "other"


@pytest.mark.parametrize("name", ["2024-05-01", "1979", "true", "1e3"])
def test_a_text_may_look_like_a_number_or_a_date(name):
    assert changed(f"name={name}").name == name


def test_a_built_in_recipe_can_be_changed():
    recipe = recipes.load("mnist-2014", ["training.schedule=algorithm1", "prior.kind=gaussian"])
    assert (recipe.training.schedule, recipe.prior.kind) == ("algorithm1", "gaussian")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("optimizer.rate", "--set optimizer.rate must have the form table.key=value, for example "),
        ("", "--set  must have the form table.key=value"),
        ("optimizer.rat=1", "there is no setting 'optimizer.rat'; did you mean optimizer.rate?"),
        ("rate=1", "there is no setting 'rate'; did you mean optimizer.rate?"),
        (
            "sprad=1",
            "there is no setting 'sprad'; did you mean generator.spread or discriminator.spread?",
        ),
        ("=1", "there is no setting ''; use one of name, data.set, "),
        ("optimizer=1", "there is no setting 'optimizer'; did you mean "),
        ("optimizer.rate=nan", "tiny.toml: optimizer.rate = nan must be a finite number"),
        ("optimizer.rate=inf", "tiny.toml: optimizer.rate = inf must be a finite number"),
        ("optimizer.rate=fast", "tiny.toml: optimizer.rate = 'fast' must be a finite number"),
        ("optimizer.rate=", "tiny.toml: optimizer.rate = '' must be a finite number"),
        ("optimizer.rate=-1", "tiny.toml: optimizer.rate = -1.0 must be between 0 and 1000"),
        ("training.m=1.5", "tiny.toml: training.m = 1.5 must be a whole number"),
        ("training.m=true", "tiny.toml: training.m = true must be a whole number"),
        ("prior.kind=cauchy", "tiny.toml: prior.kind = 'cauchy' must be one of uniform, gaussian"),
        ("training.m=1\nevil=2", "tiny.toml: training.m = '1\\nevil=2' must be a whole number"),
        ("training.m=" + "9" * 5000, "tiny.toml: training.m = "),
        (
            "generator.hidden=[1, 2",
            "--set 'generator.hidden=[1, 2' is not valid TOML: Unclosed array",
        ),
        (
            "generator.hidden=" + "[" * 5000,
            "--set 'generator.hidden=[[[",
        ),
        ("generator.hidden=[]", "tiny.toml: generator.hidden = [] must be a list of one or more"),
    ],
)
def test_an_invalid_change_is_refused_with_one_message(change, sentence):
    with pytest.raises(UserError) as caught:
        changed(change)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_change_in_a_value_that_is_not_a_table_is_refused():
    with pytest.raises(UserError, match="data must be a table of settings"):
        recipes.parse("data = 3", "x.toml", ["data.set=digits"])


def test_every_setting_has_a_name():
    assert "name" in setting_types()
    assert "optimizer.rate" in setting_types()
    assert "optimizer" not in setting_types()
    assert len(setting_types()) == len(set(setting_types())) > 30


def test_a_recipe_that_is_too_large_is_refused(tmp_path):
    (tmp_path / "fits.toml").write_text(TEXT + "#" * (32_768 - len(TEXT)))
    assert recipes.load(str(tmp_path / "fits.toml")) == tiny.recipe()
    (tmp_path / "large.toml").write_bytes(b"#" * 32_769)
    with pytest.raises(
        UserError, match=r"large\.toml cannot be read: it is larger than 32,768 bytes$"
    ):
        recipes.load(str(tmp_path / "large.toml"))


def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(
        UserError, match=r"pipe\.toml cannot be read: it is a named pipe, not a regular file$"
    ):
        recipes.load(str(tmp_path / "pipe.toml"))


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    path = tmp_path / "notepad.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert recipes.load(str(path)) == tiny.recipe()


def test_the_recipe_digits_conv_is_digits_with_layers_for_images():
    digits, other = (asdict(recipes.load(name)) for name in ("digits", "digits-conv"))
    changed = {
        (table, key)
        for table in digits
        if table != "name"
        for key in digits[table]
        if digits[table][key] != other[table][key]
    }
    assert changed == {
        *(("generator", key) for key in ("hidden", "map", "deconvolutions")),
        *(("discriminator", key) for key in ("convolutions", "units", "spread")),
        ("training", "iterations"),
    }


def test_the_recipe_helvetica_is_toy_with_ten_steps_on_G_and_a_constant_rate():
    toy, other = (asdict(recipes.load(name)) for name in ("toy", "helvetica"))
    assert (other["training"].pop("g_steps"), toy["training"].pop("g_steps")) == (10, 1)
    assert (other["optimizer"].pop("rate_divisor"), toy["optimizer"].pop("rate_divisor")) == (
        1.0,
        1.0005,
    )
    for recipe in (toy, other):  # the length and the logging may differ
        del recipe["name"], recipe["log"], recipe["training"]["iterations"]
    assert other == toy


def test_the_recipe_of_2014_has_the_numbers_of_the_published_configuration():
    r = recipes.load("mnist-2014")
    assert (r.data.set, r.data.order, r.prior.kind, r.prior.size) == (
        "mnist",
        "epochs",
        "uniform",
        100,
    )
    g, d, t, o = r.generator, r.discriminator, r.training, r.optimizer
    assert (g.hidden, g.output, g.spread, g.objective) == (
        (1200, 1200),
        "sigmoid",
        0.05,
        "non_saturating",
    )
    assert (d.units, d.pieces, d.spread) == ((240, 240), 5, 0.005)
    assert (d.keep_input, d.keep_hidden, d.weight_of_V) == (0.8, 0.5, 0.5)
    assert (t.schedule, t.k, t.m) == ("simultaneous", 1, 100)
    assert (o.rate, o.rate_divisor, o.rate_floor) == (0.1, 1.000004, 1e-6)
    assert (o.momentum, o.momentum_final) == (0.5, 0.7)
    assert (o.momentum_first_epoch, o.momentum_last_epoch) == (1, 250)


def test_the_recipe_of_cifar_10_has_the_numbers_of_the_published_configuration():
    r = recipes.load("cifar10-fc-2014")
    g, d, t, o = r.generator, r.discriminator, r.training, r.optimizer
    assert (r.data.set, r.data.order, r.data.contrast) == ("cifar-10", "epochs", 55.0)
    assert (r.prior.kind, r.prior.size) == ("gaussian", 100)
    assert (g.hidden, g.activations, g.output) == ((8000, 8000), ("relu", "sigmoid"), "linear")
    assert (g.spread, g.output_spread, g.objective) == (0.05, 0.5, "non_saturating")
    assert (d.units, d.pieces, d.spread) == ((1600, 1600), 5, 0.005)
    assert (d.keep_input, d.keep_hidden, d.weight_of_V) == (0.8, 0.5, 0.5)
    assert (t.schedule, t.k, t.m) == ("simultaneous", 1, 100)
    assert (o.rate, o.rate_divisor, o.rate_floor) == (0.025, 1.000004, 1e-6)
    assert (o.momentum, o.momentum_final) == (0.5, 0.7)
    assert (o.momentum_first_epoch, o.momentum_last_epoch) == (1, 250)


def test_the_recipes_of_the_tfd_have_the_numbers_of_the_published_configuration():
    first, second = recipes.load("tfd-2014"), recipes.load("tfd-2014-stage-2")
    g, d, t, o = first.generator, first.discriminator, first.training, first.optimizer
    assert (first.data.set, first.prior.kind, first.prior.size) == ("tfd", "gaussian", 100)
    assert (g.hidden, g.activations, g.output) == ((8000, 8000), ("relu", "sigmoid"), "sigmoid")
    assert (g.spread, g.hidden_bias, g.sparse_output, g.marginal_floor) == (0.05, -2.0, 100, 1e-7)
    assert (d.units, d.pieces, d.spread) == ((1200, 1200), 5, 0.005)
    assert (d.keep_input, d.keep_hidden, d.weight_of_V) == (0.8, 0.5, 0.5)
    assert (t.schedule, t.k, t.m) == ("simultaneous", 1, 100)
    assert (o.rate, o.rate_divisor, o.max_column_norm) == (0.05, 1.000004, 1.9365)
    assert (o.momentum, o.momentum_final, o.momentum_last_epoch) == (0.5, 0.7, 250)
    # Stage 2: two new layers under the whole G of stage 1, whose z they replace, and fewer epochs.
    assert second.generator.hidden == (8000, first.prior.size, *g.hidden)
    assert second.generator.activations == (*g.activations, *g.activations)
    assert (second.generator.upper, second.generator.sparse_output) == ("runs/tfd-2014-1", 0)
    per_epoch = 98_058 // t.m
    assert (t.iterations, second.training.iterations) == (50 * per_epoch, 22 * per_epoch)
    for key in ("data", "prior", "discriminator", "optimizer"):
        assert getattr(first, key) == getattr(second, key)


def test_the_convolutional_recipe_of_cifar_10_has_the_numbers_of_the_published_configuration():
    """Its layers: tests/training/test_image_networks.py."""
    r, fc = (asdict(recipes.load(f"cifar10-{name}-2014")) for name in ("conv", "fc"))
    assert (r["training"]["m"], r["optimizer"]["rate"]) == (128, 0.004)
    for recipe in (r, fc):
        del recipe["name"], recipe["log"], recipe["training"]["m"], recipe["optimizer"]["rate"]
        assert recipe["training"].pop("iterations") in (250 * 400, 250 * 312)  # 250 epochs
        for key in ("map", "deconvolutions", "output_spread"):
            del recipe["generator"][key]
        for key in ("convolutions", "units"):
            del recipe["discriminator"][key]
    assert r == fc


@pytest.mark.parametrize("kind", ["fc", "conv"])
def test_a_small_recipe_of_cifar_10_differs_in_sizes_and_in_what_its_file_names(kind):
    name = "cifar10-small" if kind == "fc" else "cifar10-conv-small"
    published, small = (asdict(recipes.load(one)) for one in (f"cifar10-{kind}-2014", name))
    changed = {
        (table, key)
        for table in published
        if table not in ("name", "log")
        for key in published[table]
        if published[table][key] != small[table][key]
    }
    of_D = ("units", "pieces", "spread", "keep_input", "keep_hidden", "weight_of_V")
    assert changed == {
        *(("data", "contrast"), ("optimizer", "rate"), ("training", "iterations")),
        *(("generator", key) for key in ("hidden", "activations", "spread", "output_spread")),
        *(("discriminator", key) for key in (*of_D, "penalty", "penalty_weight")),
        *([("discriminator", "convolutions"), ("training", "m")] if kind == "conv" else []),
    }
