"""Recipes: TOML files with all settings of a run except its seed."""

from minigan.training.recipes.loading import load, names, parse, to_toml
from minigan.training.recipes.tables import Recipe

__all__ = ["Recipe", "load", "names", "parse", "to_toml"]
