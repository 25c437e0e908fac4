"""The optimizer of one player, as the table `[optimizer]` of a recipe describes it."""

from __future__ import annotations

from minigan.draws.minibatches import per_epoch
from minigan.optimizers import Adam, Momentum, Optimizer, RMSProp
from minigan.parameters import Parameters
from minigan.schedules import ExponentialDecay, LinearRamp
from minigan.training.recipes import AnyRecipe


def optimizer_of(
    recipe: AnyRecipe,
    theta: Parameters,
    updates_per_iteration: int,
    N: int,
    rate_factor: float = 1.0,
) -> Optimizer:
    """The optimizer of the recipe for theta. An epoch has N // m iterations, for every k.

    Its learning rate is `rate_factor` times that of the recipe, and so is its floor.
    """
    o = recipe.optimizer
    eta = ExponentialDecay(o.rate * rate_factor, o.rate_divisor, o.rate_floor * rate_factor)
    if o.kind == "adam":
        return Adam(theta, eta, o.beta1, o.beta2, o.epsilon)
    if o.kind == "rmsprop":
        return RMSProp(theta, eta, o.decay, o.epsilon)
    mu = LinearRamp(
        o.momentum,
        o.momentum_final,
        o.momentum_first_epoch,
        o.momentum_last_epoch,
        updates_per_epoch=per_epoch(N, recipe.training.m) * updates_per_iteration,
    )
    return Momentum(theta, eta, mu)
