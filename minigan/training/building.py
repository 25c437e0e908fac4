"""Build the game of a recipe: its draws, its optimizers, its objective and its penalty.

    networks, theta, draws  ->  GameParts  ->  adapted to the device and the ranks  ->  Game

Parts of the user's own replace those of the recipe.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from minigan import objectives
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend, GameParts
from minigan.backends.ranks import adapt_to_ranks
from minigan.draws import noise
from minigan.draws.minibatches import Draws, Examples, Minibatches
from minigan.errors import UserError
from minigan.finite import FiniteCheck
from minigan.game import Game
from minigan.network import Network
from minigan.objectives.penalties import PENALTIES, falling
from minigan.optimizers import Clipped, ColumnNorms
from minigan.parameters import Parameters
from minigan.system.ranks import ALONE, Ranks
from minigan.training.completion.rows import BesideMasks, PriorOfCompletions
from minigan.training.conditional.rows import (
    Classes,
    ExamplesWithClasses,
    PriorWithClasses,
)
from minigan.training.instance_noise import Noisy, PriorWithNoise
from minigan.training.optimizers import optimizer_of
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import Recipe
from minigan.training.sampler import zeros_of

CPU = NumPyBackend()


def require_memory(needed: int, backend: Backend) -> None:
    """Raise UserError if the networks need more bytes than the device has."""
    available = backend.memory
    if available is not None and needed > available:
        device = "this machine" if backend.name == "cpu" else backend.name
        raise UserError(
            f"these networks need {needed / 1e9:.3g} GB and {device} has {available / 1e9:.3g} GB: "
            "reduce generator.hidden, generator.deconvolutions, discriminator.convolutions, "
            "discriminator.units, discriminator.pieces, prior.size, training.m or the size of the "
            "images"
        )


def minibatches(
    recipe: Recipe,
    seed: int,
    examples: Examples,
    D: Network,
    parts: Parts = NO_PARTS,
    classes: Classes | None = None,
) -> Minibatches:
    """The draws of a recipe: minibatches of the examples, noise for G, and masks for D.

    With `classes`, examples and noise have the columns of c. In a run that completes pictures or
    has instance noise, they have those of `completion.rows` or of `instance_noise`.
    """
    prior = parts.prior or noise.PRIORS[recipe.prior.kind]
    shape, s = tuple(examples.shape), recipe.discriminator.instance_noise
    change: BesideMasks | Noisy | None = None
    more = 0
    if classes:
        more, prior = len(classes), PriorWithClasses(prior, classes)
        examples = ExamplesWithClasses(examples, classes)
    elif recipe.completes:
        more, change = zeros_of(recipe, shape), BesideMasks(shape, recipe.data.masks)
        prior = PriorOfCompletions(prior, examples, recipe.data.masks)
    elif s:
        more, change = zeros_of(recipe, shape), Noisy(s)
        prior = PriorWithNoise(prior, more, s)
    return Minibatches(
        seed=seed,
        examples=examples,
        m=recipe.training.m,
        order=recipe.data.order,
        prior=prior,
        z_size=parts.G.inputs if parts.G else recipe.prior.size + more,
        mask_sizes=D.mask_sizes,
        change=change,
    )


def game_of(
    recipe: Recipe,
    networks: tuple[Network, Network],
    theta: tuple[Parameters, Parameters],
    draws: Draws,
    N: int,
    backend: Backend = CPU,
    parts: Parts = NO_PARTS,
    seed: int = 0,
    ranks: Ranks = ALONE,
) -> Game:
    """The game of a recipe with networks (G, D), parameters (theta_g, theta_d) and N examples.

    theta must be on the device of the backend; draws must be those of the host. `seed` is that of
    the draws of a penalty.
    """
    k, g_steps, d = recipe.training.k, recipe.training.g_steps, recipe.discriminator
    make, of_recipe = parts.optimizer, partial(optimizer_of, recipe)
    weight = falling(d.penalty_weight, d.penalty_divisor, d.penalty_floor)
    objective = objectives.with_margins(
        objectives.OBJECTIVES[recipe.generator.objective], recipe.generator.margin, d.margin
    )
    adapted = adapt_to_ranks(
        GameParts(
            *networks,
            player_g=make(theta[0]) if make else of_recipe(theta[0], g_steps, N),
            player_d=make(theta[1]) if make else of_recipe(theta[1], k, N, d.rate_factor),
            draws=draws,
            objective=parts.objective or objective,
            check=FiniteCheck(),
            m=recipe.training.m,
            penalty=PENALTIES[d.penalty](weight, seed) if d.penalty else None,
        ),
        backend,
        ranks,
    )
    if d.clip:
        adapted = replace(adapted, player_d=Clipped(adapted.player_d, d.clip))
    if limit := recipe.optimizer.max_column_norm:
        player_g, player_d = (ColumnNorms(p, limit) for p in (adapted.player_g, adapted.player_d))
        adapted = replace(adapted, player_g=player_g, player_d=player_d)
    return Game(
        **vars(adapted),
        k=k,
        weight_of_V=d.weight_of_V,
        g_steps=g_steps,
    )


def moved_to(backend: Backend, theta: Parameters) -> Parameters:
    """The parameters with their vector on the device."""
    return Parameters(theta.shapes, backend.asarray(theta.vector))
