"""The section with the settings of a recipe and their differences from the built-in recipe."""

from __future__ import annotations

import tiny
from html_read import Read

from minigan.reports.html import settings
from minigan.training import recipes
from minigan.training.recipes import loading


def test_exactly_the_settings_of_a_recipe_have_meanings():
    of_gan, of_relative = map(loading.setting_types, (recipes.Recipe, recipes.RelativeRecipe))
    assert set(settings.MEANINGS) == {*of_gan, *of_relative}
    assert list(settings.flattened(recipes.load("digits"))) == list(of_gan)
    assert list(settings.flattened(recipes.load_any("digits-gsn"))) == list(of_relative)


def test_a_built_in_recipe_has_no_changed_settings():
    for name in recipes.names():
        assert settings.changed_settings(recipes.load_any(name)) == {}
    section = settings.settings_section(recipes.load("toy"))
    assert "All settings are those of the built-in recipe toy." in section


def test_a_relative_has_no_settings_of_gans_and_of_other_kinds():
    section = settings.settings_section(recipes.load_any("digits-dbn"))
    for name in ("data.masks", "optimizer.max_column_norm", "model.salt"):
        assert f"<code>{name}</code>" not in section
    assert "<code>model.gibbs_steps</code>" in section
    assert "<code>data.masks</code>" in settings.settings_section(recipes.load("digits"))


def test_changed_settings_are_shown_with_the_original_values():
    changed = recipes.load("digits", ["optimizer.rate=0.05", "generator.hidden=[9]"])
    assert settings.changed_settings(changed) == {
        "generator.hidden": (256, 256),
        "optimizer.rate": 0.1,
    }
    text = Read(settings.settings_section(changed)).text
    assert (
        "2 settings differ from the built-in recipe digits: generator.hidden, optimizer.rate."
        in text
    )
    assert "[9] (built-in recipe: [256, 256])" in text
    assert "0.05 (built-in recipe: 0.1)" in text
    assert settings.settings_section(changed).count("<mark>") == 2
    one = settings.settings_section(recipes.load("digits", ["training.m=50"]))
    assert "1 setting differs from the built-in recipe digits: training.m." in one


def test_a_custom_recipe_is_not_compared():
    assert settings.changed_settings(tiny.recipe()) is None
    section = settings.settings_section(tiny.recipe())
    assert "The recipe tiny is not a built-in recipe of minigan." in section


def test_a_list_of_tables_is_shown_as_in_a_recipe():
    text = Read(settings.settings_section(recipes.load("digits-conv"))).text
    shown = "[{ channels = 1, kernel = 4, stride = 2, pad_out = 1, tied = False }]"
    assert f"generator.deconvolutions{shown}" in text


def test_every_setting_is_on_the_page_with_its_value():
    recipe = tiny.recipe()
    text = Read(settings.settings_section(recipe)).text
    for name, value in settings.flattened(recipe).items():
        shown = str(list(value)) if isinstance(value, tuple) else str(value)
        assert f"{name}{shown}{settings.MEANINGS[name]}" in text
