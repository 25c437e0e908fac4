"""What the training of a model needs: memory, and the floating-point operations of its products.

products with W of (inputs, units), 2 m inputs units FLOP each:
    dbn    4 + 2 k       two means of h and two gradients, and two for each of k Gibbs steps
    cae    7             code and reconstruction, their gradients, and those of |J|^2
    gsn    5 and 6       with W_1 and with W_2, in each step of a walk, forward and backward
"""

from __future__ import annotations

from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.stacked import layer_of_update, sizes_of_layers


def model_bytes(recipe: RelativeRecipe, n: int) -> int:
    """The bytes of theta, gradient and optimizer in float32, for images of n pixels."""
    vectors = 4 if recipe.optimizer.kind == "adam" else 3
    return 4 * vectors * sum(a * b for a, b in sizes_of_layers(n, recipe.model))


def flop_of_model(recipe: RelativeRecipe, n: int) -> float:
    """The floating-point operations of all products of a run."""
    model, m, iterations = recipe.model, recipe.training.m, recipe.training.iterations
    sizes = [a * b for a, b in sizes_of_layers(n, model)]
    if model.kind == "gsn":
        return 2.0 * m * iterations * model.walk_steps * (5 * sizes[0] + 6 * sizes[1])
    products = 7 if model.kind == "cae" else 4 + 2 * model.gibbs_steps
    top = layer_of_update(model, iterations - 1)
    below = sum(sizes[:top]) * model.layer_iterations
    return 2.0 * m * products * (below + sizes[top] * (iterations - top * model.layer_iterations))
