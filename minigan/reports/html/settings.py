"""The section with all settings of a recipe, which marks the changed ones.

A setting is changed if it differs from the built-in recipe of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from minigan.reports.html.markup import Html, element, html_table, join
from minigan.training import recipes
from minigan.training.recipes import AnyRecipe, RelativeRecipe

MEANINGS = {
    "name": "name of the recipe",
    "data.set": "data set, p_data",
    "data.order": "minibatches drawn independently, or in epochs with a new order each",
    "data.height": "image height in pixels (0: unchanged)",
    "data.width": "image width in pixels (0: unchanged)",
    "data.channels": "colour channels: 1 grey, 3 RGB (0: unchanged)",
    "data.contrast": "norm of an image after global contrast normalisation (0: pixels in [0, 1])",
    "data.masks": "kinds of masks, if G completes pictures (none: it does not)",
    "prior.kind": "distribution p_z of the noise",
    "prior.size": "number of coordinates of z",
    "generator.hidden": "units of each hidden layer of G",
    "generator.output": "output of G: sigmoid for pixels, linear for points and normalised images",
    "generator.spread": "initial W of G: uniform on (-spread, spread)",
    "generator.marginal_floor": (
        "initial output bias of G: logit of the mean pixel, limited to [floor, 1 - floor]"
    ),
    "generator.objective": (
        "what D ascends and G descends: Eq. 1 (minimax), or -log D(G(z)) for G (non_saturating)"
    ),
    "generator.average_keep": (
        "weight of the old value in the average of theta_g that samples use (0: no average)"
    ),
    "generator.average_every": "iterations between two updates of the average (0: no average)",
    "generator.activations": "activation of each hidden layer of G (none: relu in all)",
    "generator.class_units": "ReLU units of the branch for the class c in G (0: no classes)",
    "generator.margin": "G learns from samples with D(G(z)) < 1/2 + margin (0.5: from all)",
    "generator.output_spread": "initial W of the output layer of G (0: as spread)",
    "generator.hidden_bias": "initial bias of the hidden layers of G with a sigmoid",
    "generator.sparse_output": (
        "initial weights of each output unit of G from N(0, 1), the others 0 (0: all from spread)"
    ),
    "generator.upper": "run whose G the last layers of G begin with (none: begin anew)",
    "generator.map": "rows and columns of the map that the last hidden layer of G is read as",
    "generator.deconvolutions": "layers of G from the map to the image (none: a linear layer)",
    "discriminator.units": "maxout units of each hidden layer of D",
    "discriminator.pieces": "pieces of each maxout unit",
    "discriminator.spread": "initial W of D: uniform on (-spread, spread)",
    "discriminator.keep_input": "dropout: probability to keep an input of D",
    "discriminator.class_units": "maxout units of the branch for the class c in D (0: no classes)",
    "discriminator.keep_hidden": "dropout: probability to keep a hidden unit of D",
    "discriminator.weight_of_V": (
        "factor of V in the objective of D: 1 in Algorithm 1, 0.5 in the published configurations"
    ),
    "discriminator.penalty": "penalty on the input gradient of D (none: as in the paper)",
    "discriminator.penalty_weight": "weight of the penalty: gamma of R1 and R2, lambda of WGAN-GP",
    "discriminator.penalty_divisor": "divisor of the weight of the penalty per D step (1: none)",
    "discriminator.penalty_floor": "smallest weight of the penalty",
    "discriminator.clip": "limit of each parameter of D after each update (0: no limit)",
    "discriminator.margin": (
        "D learns from examples with D(x) < 1/2 + margin and samples with D(G(z)) > 1/2 - margin "
        "(0.5: from all)"
    ),
    "discriminator.instance_noise": "deviation of the noise added to all that D sees (0: none)",
    "discriminator.rate_factor": "learning rate of D, divided by that of G",
    "discriminator.convolutions": "convolutions of D, each with maxout and max pooling",
    "model.kind": "the model: dbn, cae or gsn",
    "model.hidden": "units of each hidden layer, from the bottom to the top",
    "model.chain_steps": "steps of the chain that each sample is the end of",
    "model.layer_iterations": "iterations of each layer below the top one (0: one layer)",
    "model.gibbs_steps": "dbn: k of CD-k or PCD-k",
    "model.persistent": "dbn: chains that continue from update to update (PCD)",
    "model.contraction": "cae: lambda, the weight of the norm of the Jacobian",
    "model.chain_sigma": "cae: standard deviation of the noise of the chain",
    "model.walk_steps": "gsn: steps of each walk in training",
    "model.noise": "gsn: standard deviation of the noise of the upper layer",
    "model.salt": "gsn: share of the pixels with salt and pepper",
    "training.schedule": "order of the updates: Algorithm 1, or D and G simultaneously",
    "training.k": "D steps per iteration",
    "training.m": "minibatch size",
    "training.g_steps": "G steps per iteration (1 in the paper)",
    "training.iterations": "number of iterations",
    "training.blas_threads": "threads per matrix product (0: the default of the BLAS)",
    "optimizer.rate": "initial learning rate eta",
    "optimizer.rate_divisor": "eta is divided by this value at each update",
    "optimizer.rate_floor": "lower limit of eta",
    "optimizer.momentum": "initial momentum mu",
    "optimizer.momentum_final": "final momentum mu",
    "optimizer.momentum_first_epoch": "epoch after which mu starts to increase",
    "optimizer.momentum_last_epoch": "epoch from which mu is constant",
    "optimizer.max_column_norm": "largest norm of a column of W after an update (0: no limit)",
    "optimizer.kind": "optimizer of both players: momentum (the paper), rmsprop or adam",
    "optimizer.decay": "rmsprop: weight of the old value in the mean square of the gradient",
    "optimizer.beta1": "adam: weight of the old value in the mean of the gradient",
    "optimizer.beta2": "adam: weight of the old value in its mean square",
    "optimizer.epsilon": "rmsprop, adam: added to the root of the mean square",
    "log.every": "iterations between two log lines",
    "log.save_every": "iterations between two checkpoints, each with a sample sheet",
    "log.keep_every": "iterations between two checkpoints that are not deleted (0: none)",
    "log.monitor": "metric that selects the best checkpoint",
}


def flattened(recipe: AnyRecipe) -> dict[str, Any]:
    """All settings by their full names, in the order of the recipe: name, data.set, ..."""
    flat: dict[str, Any] = {}
    for key, value in asdict(recipe).items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": setting for name, setting in value.items()}
        else:
            flat[key] = value
    return flat


def changed_settings(recipe: AnyRecipe) -> dict[str, Any] | None:
    """The settings that differ from the built-in recipe of the same name.

    The values of the dictionary are those of the built-in recipe. Returns None if there is no
    built-in recipe of this name.
    """
    if recipe.name not in recipes.names():
        return None
    built_in, current = flattened(recipes.load_any(recipe.name)), flattened(recipe)
    return {name: built_in[name] for name in current if current[name] != built_in[name]}


def settings_section(recipe: AnyRecipe, parts: Mapping[str, str] | None = None) -> Html:
    """The table of all settings with their values and meanings. Changed settings are marked.

    Settings without an effect in a DBN, CAE or GSN are left out. `parts` are the descriptions of
    the run's custom parts, which replace settings of the recipe.
    """
    changed = changed_settings(recipe)
    rows = []
    unused = recipe.unused_settings if isinstance(recipe, RelativeRecipe) else ()
    for name, value in flattened(recipe).items():
        if name in unused:
            continue
        cell = element("code", _text(value))
        if changed and name in changed:
            note = f" (built-in recipe: {_text(changed[name])})"
            cell = join([element("mark", cell), element("span", note, class_="quiet")])
        rows.append([element("code", name), cell, MEANINGS.get(name, "")])
    return join(
        [
            element("p", _summary(recipe.name, changed)),
            *_custom(parts or {}),
            html_table(["setting", "value", "meaning"], rows, "settings"),
        ]
    )


def _custom(parts: Mapping[str, str]) -> list[Html]:
    if not parts:
        return []
    sentence = "These custom parts replaced what the recipe describes in their place:"
    rows = [[element("code", name), element("code", text)] for name, text in parts.items()]
    return [element("p", sentence), html_table(["part", "description"], rows, "settings")]


def _summary(name: str, changed: dict[str, Any] | None) -> str:
    if changed is None:
        return f"The recipe {name} is not a built-in recipe of minigan."
    if not changed:
        return f"All settings are those of the built-in recipe {name}."
    which = ", ".join(changed)
    one = len(changed) == 1
    return (
        f"{len(changed)} setting{'' if one else 's'} differ{'s' if one else ''} from the built-in "
        f"recipe {name}: {which}."
    )


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_text(one)}' for key, one in value.items())} }}"
    return str(value)
