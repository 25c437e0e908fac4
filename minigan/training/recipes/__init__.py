"""Recipes: TOML files with all settings of a run except its seed.

A `Recipe` is that of a GAN. A `RelativeRecipe` is that of another model: DBN, stacked CAE or GSN.
"""

from minigan.training.recipes.gan import Recipe
from minigan.training.recipes.loading import AnyRecipe, load, load_any, names, parse, to_toml
from minigan.training.recipes.relative import RelativeRecipe

__all__ = [
    "AnyRecipe",
    "Recipe",
    "RelativeRecipe",
    "load",
    "load_any",
    "names",
    "parse",
    "to_toml",
]
