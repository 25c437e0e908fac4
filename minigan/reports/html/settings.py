"""What each setting of a recipe is, and where a run's differ from the recipe it is named after."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from minigan.reports.html.markup import Html, element, html_table, together
from minigan.training import recipes
from minigan.training.recipes import Recipe

MEANINGS = {
    "name": "the recipe's name",
    "data.set": "p_data: the examples",
    "data.order": "minibatches drawn independently, or in epochs of a new order each",
    "data.height": "rows of an image (0: as it is)",
    "data.width": "columns of an image (0: as it is)",
    "data.channels": "1 grey, 3 colour (0: as they are)",
    "prior.kind": "p_z: how z is drawn",
    "prior.size": "coordinates of z",
    "generator.hidden": "ReLU units of each hidden layer of G",
    "generator.output": "sigmoid per pixel, or linear for points",
    "generator.spread": "W of G starts uniform on (-spread, spread)",
    "generator.marginal_floor": "G starts at the mean of each pixel, kept this far from 0 and 1",
    "generator.objective": "what G descends: Eq. 1 (minimax), or -log D(G(z)) (non_saturating)",
    "generator.average_keep": "samples are of an average of G that keeps so much of itself (0: G)",
    "generator.average_every": "iterations between two steps of that average (0: no average)",
    "discriminator.units": "maxout units of each hidden layer of D",
    "discriminator.pieces": "pieces of each maxout unit",
    "discriminator.spread": "W of D starts uniform on (-spread, spread)",
    "discriminator.keep_input": "dropout: the probability to keep an input of D",
    "discriminator.keep_hidden": "dropout: the probability to keep a hidden unit of D",
    "discriminator.weight_of_V": "D ascends so much of V: 1 in Algorithm 1, 0.5 as published",
    "training.schedule": "Algorithm 1, or both players at once (simultaneous)",
    "training.k": "steps on D per iteration",
    "training.m": "examples in a minibatch",
    "training.g_steps": "steps on G per iteration: 1 in the paper",
    "training.iterations": "iterations to play",
    "training.blas_threads": "threads that share one matrix product (0: as the BLAS likes)",
    "optimizer.rate": "learning rate eta at the start",
    "optimizer.rate_divisor": "eta is divided by this at each update",
    "optimizer.rate_floor": "eta does not fall below this",
    "optimizer.momentum": "momentum mu at the start",
    "optimizer.momentum_final": "momentum mu at the end of its ramp",
    "optimizer.momentum_first_epoch": "the epoch after which mu rises",
    "optimizer.momentum_last_epoch": "the epoch from which mu stays",
    "log.every": "iterations between two lines of the log",
    "log.save_every": "iterations between two checkpoints, each with a sample sheet",
    "log.keep_every": "iterations between two checkpoints that are kept (0: none is)",
    "log.monitor": "what decides which checkpoint is the best",
}


def flattened(recipe: Recipe) -> dict[str, Any]:
    """Every setting by its whole name, in the order of the recipe: name, data.set, ..."""
    found: dict[str, Any] = {}
    for key, value in asdict(recipe).items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": setting for name, setting in value.items()}
        else:
            found[key] = value
    return found


def changed_settings(recipe: Recipe) -> dict[str, Any] | None:
    """The settings that differ from the recipe of that name that comes with minigan.

    With the values that they have there. None where no recipe of that name comes with minigan.
    """
    if recipe.name not in recipes.names():
        return None
    shipped, here = flattened(recipes.load(recipe.name)), flattened(recipe)
    return {name: shipped[name] for name in here if here[name] != shipped[name]}


def settings(recipe: Recipe) -> Html:
    """Every setting with its value and what it is; those that differ are marked."""
    changed = changed_settings(recipe)
    rows = []
    for name, value in flattened(recipe).items():
        here = element("code", _told(value))
        if changed and name in changed:
            told = _told(changed[name])
            words = element("span", f" ({recipe.name} has {told})", class_="quiet")
            here = together([element("mark", here), words])
        rows.append([element("code", name), here, MEANINGS.get(name, "")])
    return together(
        [
            element("p", _summary(recipe.name, changed)),
            html_table(["setting", "value", "what it is"], rows, "settings"),
        ]
    )


def _summary(name: str, changed: dict[str, Any] | None) -> str:
    if changed is None:
        return f"No recipe of the name {name} comes with minigan: these settings are the user's."
    if not changed:
        return f"These are the settings of the recipe {name} that comes with minigan."
    which = ", ".join(changed)
    one = len(changed) == 1
    return (
        f"{len(changed)} setting{'' if one else 's'} differ{'s' if one else ''} from the recipe "
        f"{name} that comes with minigan: {which}."
    )


def _told(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)
