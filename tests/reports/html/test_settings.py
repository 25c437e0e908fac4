"""The recipe of a run: every setting, what it is, and what differs from the recipe of its name."""

from __future__ import annotations

import tiny
from html_read import Read

from minigan.reports.html import settings
from minigan.training import recipes
from minigan.training.recipes import loading


def test_every_setting_has_its_meaning_and_no_other_has():
    assert set(settings.MEANINGS) == set(loading.setting_names())
    assert list(settings.flattened(recipes.load("digits"))) == loading.setting_names()


def test_a_shipped_recipe_differs_in_nothing():
    for name in recipes.names():
        assert settings.changed_settings(recipes.load(name)) == {}
    assert "settings of the recipe toy that comes with minigan." in settings.settings_section(
        recipes.load("toy")
    )


def test_changed_settings_are_told_with_the_values_they_had():
    changed = recipes.load("digits", ["optimizer.rate=0.05", "generator.hidden=[9]"])
    assert settings.changed_settings(changed) == {
        "generator.hidden": (256, 256),
        "optimizer.rate": 0.1,
    }
    text = Read(settings.settings_section(changed)).text
    assert (
        "2 settings differ from the recipe digits that comes with minigan: generator.hidden, "
        "optimizer.rate." in text
    )
    assert "[9] (digits has [256, 256])" in text
    assert "0.05 (digits has 0.1)" in text
    assert settings.settings_section(changed).count("<mark>") == 2
    one = settings.settings_section(recipes.load("digits", ["training.m=50"]))
    assert "1 setting differs from the recipe digits" in one


def test_a_recipe_of_ones_own_has_nothing_to_differ_from():
    assert settings.changed_settings(tiny.recipe()) is None
    assert "No recipe of the name tiny comes with minigan" in settings.settings_section(
        tiny.recipe()
    )


def test_every_setting_is_on_the_page_with_its_value():
    recipe = tiny.recipe()
    text = Read(settings.settings_section(recipe)).text
    for name, value in settings.flattened(recipe).items():
        told = "[7, 5]" if name == "generator.hidden" else str(value)
        told = "[4, 3]" if name == "discriminator.units" else told
        assert f"{name}{told}{settings.MEANINGS[name]}" in text
