"""Whole networks: float32 compared with float64, and three iterations compared with PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from minigan import algorithm_1, objectives
from minigan.draws import generator, mask
from minigan.game import Game
from minigan.layers import Dropout, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant
from minigan.trace import Trace

Z, N, M = 10, 16, 20
G = Network(Z, (Linear(40, 0.2), ReLU(), Linear(40, 0.2), ReLU(), Linear(N, 0.2), Sigmoid()))
D = Network(
    N,
    (
        *(Dropout(0.8), Linear(60, 0.2), Maxout(12, 5)),
        *(Dropout(0.5), Linear(60, 0.2), Maxout(12, 5)),
        *(Dropout(0.5), Linear(1, 0.2)),
    ),
)


class Draws:
    """The same float32 numbers for both precisions."""

    def __init__(self, seed: int, dtype: Any) -> None:
        self.seed, self.dtype = seed, dtype

    def data(self, step: int, *, out: Any = None) -> Any:
        return generator(self.seed, "x", step).random((M, N), dtype=np.float32).astype(self.dtype)

    def noise(self, player: str, step: int) -> Any:
        rng = generator(self.seed, f"z/{player}", step)
        return rng.standard_normal((M, Z), dtype=np.float32).astype(self.dtype)

    def masks(self, player: str, step: int, rows: int) -> list[Any]:
        return [
            mask(self.seed, f"mask/{player}/{i}", step, (rows, width), keep)
            for i, (width, keep) in enumerate(D.mask_sizes)
        ]


def make_game(seed: int, dtype: Any, objective: str) -> Game:
    thetas = [
        Parameters(net.shapes, net.initial(seed, name).vector.astype(dtype))
        for net, name in ((G, "theta_g"), (D, "theta_d"))
    ]
    g, d = (Momentum(theta, Constant(0.1), Constant(0.5)) for theta in thetas)
    return Game(G, D, g, d, Draws(seed, dtype), objectives.OBJECTIVES[objective], M)


def branches(trace: Trace, network: Network) -> list[Any]:
    """The sign of each ReLU input, and the largest piece of each maxout unit."""
    taken = []
    for layer, arrays in zip(network.layers, trace.layers, strict=True):
        if isinstance(layer, ReLU):
            taken.append(arrays.y > 0)
        elif isinstance(layer, Maxout):
            taken.append(arrays.x.reshape(len(arrays.x), layer.pieces, -1).argmax(axis=1))
    return taken


def sizes_of_sums(trace: Trace, network: Network, dy: Any) -> dict[str, float]:
    """The scale of each parameter's gradient: the largest sum of absolute terms, |x|^T |dy|.

    If the terms of a gradient cancel, the gradient is small compared with its terms, and so is its
    number of correct digits.
    """
    upstream = [*(arrays.dx for arrays in trace.layers[1:]), dy]
    sizes = {}
    for name, arrays, dy_here in zip(network.names, trace.layers, upstream, strict=True):
        if name.startswith("linear"):
            sizes[f"{name}.W"] = (abs(arrays.x).T @ abs(dy_here)).max()
            sizes[f"{name}.b"] = abs(dy_here).sum(axis=0).max()
    return sizes


@given(seed=st.integers(0, 2**32 - 1), objective=st.sampled_from(["minimax", "non_saturating"]))
def test_a_float32_D_step_and_G_step_are_within_2e_6_of_float64_per_tensor(
    seed: int, objective: str
) -> None:
    narrow, wide = (make_game(seed, dtype, objective) for dtype in (np.float32, np.float64))
    gradients, scales = [], []
    for game in (narrow, wide):
        draws = game.draws
        g, both = algorithm_1.pass_of_data_and_samples(
            game, draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
        )
        dtheta_d = algorithm_1.gradient_of_D(game, both)
        scales = [sizes_of_sums(both, D, game.da)]
        fake = both.rows(M, 2 * M)
        dtheta_g = algorithm_1.gradient_of_G(game, g, fake)
        scales.append(sizes_of_sums(g, G, fake.layers[0].dx))
        gradients.append((dtheta_d, dtheta_g))
    pairs = ((narrow.trace_D, wide.trace_D, D), (narrow.trace_G, wide.trace_G, G))
    same = all(
        (a == b).all()
        for one, other, network in pairs
        for a, b in zip(branches(one, network), branches(other, network), strict=True)
    )
    if not same:
        return  # rounding selected another branch, so the two gradients are of different functions
    for single, double, scale in zip(*gradients, scales, strict=True):
        for name in double:
            assert single[name].dtype == np.float32
            assert abs(single[name] - double[name]).max() <= 2e-6 * scale[name], name


def test_the_branches_are_nearly_always_the_same() -> None:
    agreeing = 0
    for seed in range(50):
        taken = []
        for dtype in (np.float32, np.float64):
            game = make_game(seed, dtype, "minimax")
            draws = game.draws
            algorithm_1.pass_of_data_and_samples(
                game, draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
            )
            taken.append(branches(game.trace_D, D) + branches(game.trace_G, G))
        agreeing += all((a == b).all() for a, b in zip(*taken, strict=True))
    assert agreeing >= 45
