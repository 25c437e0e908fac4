"""A recipe is read exactly, written back exactly, and refused in one sentence."""

from __future__ import annotations

import copy
from dataclasses import asdict
from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

import minigan
from minigan import recipe
from minigan.errors import UserError
from minigan.settings import read

SHIPPED = sorted(path.stem for path in (Path(minigan.__file__).parent / "recipes").glob("*.toml"))

# Every number of a recipe: the least and the greatest it may be, and one beyond each.
LIMITS = {
    "prior.size": (1, 100_000, 0, 100_001),
    "generator.spread": (0, 10, -1e-9, 10.1),
    "generator.marginal_floor": (1e-9, 0.5, 0.0, 0.51),
    "discriminator.pieces": (1, 1000, 0, 1001),
    "discriminator.spread": (0, 10, -1e-9, 10.1),
    "discriminator.keep_input": (1e-3, 1, 0.0, 1.001),
    "discriminator.keep_hidden": (1e-3, 1, 0.0, 1.001),
    "discriminator.weight_of_V": (1e-6, 1e6, 0.0, 1.1e6),
    "training.k": (1, 1000, 0, 1001),
    "training.m": (1, 1_000_000, 0, 1_000_001),
    "training.iterations": (1, 10**12, 0, 10**12 + 1),
    "training.blas_threads": (0, 1024, -1, 1025),
    "optimizer.rate": (0, 1000, -1e-9, 1000.1),
    "optimizer.rate_divisor": (1, 10, 0.999, 10.1),
    "optimizer.rate_floor": (0, 1000, -1e-9, 1000.1),
    "optimizer.momentum": (0, 0.999999, -0.1, 1.0),
    "optimizer.momentum_final": (0, 0.999999, -0.1, 1.0),
    "optimizer.momentum_first_epoch": (1, 2, 0, -1),
    "optimizer.momentum_last_epoch": (2, 10**9, 1, 10**9 + 1),
    "log.every": (1, 10**9, 0, 10**9 + 1),
    "log.sheet_every": (1, 10**9, 0, 10**9 + 1),
}
LISTS = ("generator.hidden", "discriminator.units")
CHOICES = {
    "data.set": ("digits",),
    "data.order": ("independent", "epochs"),
    "prior.kind": ("uniform", "gaussian"),
    "generator.objective": ("minimax", "non_saturating"),
    "training.schedule": ("algorithm1", "simultaneous"),
}


def changed(name, value):
    return recipe.Recipe, tiny.table(**{"training__k": 1} | {name.replace(".", "__"): value})


def test_the_names_are_those_of_the_files_that_come_with_minigan():
    assert recipe.names() == SHIPPED
    assert "digits" in SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_recipe_loads_under_its_own_name(name):
    assert recipe.load(name).name == name


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recipe_written_as_toml_is_read_back_equal(name):
    chosen = recipe.load(name)
    assert recipe.parse(recipe.to_toml(chosen), "text") == chosen


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
    assert recipe.parse(recipe.to_toml(chosen), "text") == chosen


def test_the_tables_of_limits_lists_and_choices_cover_every_setting():
    tables = asdict(tiny.recipe())
    del tables["name"]
    named = {f"{table}.{key}" for table, keys in tables.items() for key in keys}
    assert named == {*LIMITS, *LISTS, *CHOICES}


@pytest.mark.parametrize("name", LIMITS)
def test_the_ends_of_every_range_are_accepted(name):
    for value in LIMITS[name][:2]:
        cls, table = changed(name, value)
        section, key = name.split(".")
        assert getattr(getattr(read(cls, table), section), key) == value


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_beyond_a_limit_is_refused_by_name(name):
    for value in LIMITS[name][2:]:
        with pytest.raises(UserError, match=rf"^{name} = .* must lie between"):
            read(*changed(name, value))


@pytest.mark.parametrize("name", LISTS)
def test_every_size_in_a_list_is_held_to_its_limits(name):
    read(*changed(name, [1, 100_000]))
    for sizes in ([5, 0], [100_001], [-1]):
        with pytest.raises(UserError, match=rf"^{name} = .* must lie between 1 and 100000"):
            read(*changed(name, sizes))


@pytest.mark.parametrize("name", CHOICES)
def test_a_word_is_one_of_its_choices(name):
    for word in CHOICES[name]:
        read(*changed(name, word))
    with pytest.raises(UserError, match=rf"^{name} = 'nonsense' must be one of"):
        read(*changed(name, "nonsense"))


def test_the_momentum_ramp_ends_after_it_begins():
    with pytest.raises(UserError, match=r"optimizer\.momentum_last_epoch = 5 must lie between 6"):
        tiny.recipe(optimizer__momentum_first_epoch=5, optimizer__momentum_last_epoch=5)


def test_a_k_that_the_simultaneous_schedule_would_ignore_is_refused():
    tiny.recipe(training__schedule="simultaneous", training__k=1)
    with pytest.raises(UserError, match=r"training\.k = 2 must be 1 in the simultaneous schedule"):
        tiny.recipe(training__schedule="simultaneous", training__k=2)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "a\0", "a\n", " a", "a b", "x" * 101]
)
def test_a_name_that_cannot_name_a_folder_is_refused(name):
    with pytest.raises(UserError, match=r"name = .* the run folder is called after it"):
        tiny.recipe(name=name)


def test_a_recipe_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(recipe.to_toml(tiny.recipe()))
    assert recipe.load(str(path)) == tiny.recipe()


def test_an_unknown_recipe_is_refused_with_the_names_there_are():
    with pytest.raises(UserError, match=r"there is no recipe 'digit'.* digits.* \.toml file"):
        recipe.load("digit")


def test_a_file_that_cannot_be_read_is_refused_with_its_path_and_the_reason(tmp_path):
    with pytest.raises(UserError, match=r"no\.toml cannot be read: No such file or directory$"):
        recipe.load(str(tmp_path / "no.toml"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UserError, match=r"folder\.toml cannot be read: Is a directory$"):
        recipe.load(str(tmp_path / "folder.toml"))
    (tmp_path / "binary.toml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(UserError, match=r"binary\.toml cannot be read: it is not UTF-8 text$"):
        recipe.load(str(tmp_path / "binary.toml"))


@pytest.mark.parametrize(
    "text",
    ["name = ", "{}", "a = 1\na = 2", f"a = {'9' * 5000}", f"a = {'[' * 100_000}"],
    ids=["no value", "json", "twice", "5000 digits", "deep"],
)
def test_a_text_that_is_not_toml_is_refused_with_its_source(text):
    with pytest.raises(UserError, match=r"^mine\.toml is not TOML: "):
        recipe.parse(text, "mine.toml")


def test_a_wrong_setting_is_refused_with_its_source():
    text = recipe.to_toml(tiny.recipe()).replace("m = 10", "m = 0")
    with pytest.raises(UserError, match=r"^mine\.toml: training\.m = 0 must lie between 1 and"):
        recipe.parse(text, "mine.toml")


def test_each_setting_left_out_is_missed_by_name():
    whole = tiny.table()
    for section, keys in whole.items():
        for key in keys if isinstance(keys, dict) else ():
            short = copy.deepcopy(whole)
            del short[section][key]
            with pytest.raises(UserError, match=rf"the setting {section}\.{key} is missing"):
                read(recipe.Recipe, short)
