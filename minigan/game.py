"""A game holds everything that Algorithm 1 needs: G, D, their optimizers, and the buffers.

All random numbers come from `draws`: minibatches, noise and dropout masks. Each of them is a pure
function of a stream name and a step, so the order of the calls does not change any result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from minigan.arrays import Array, array_module
from minigan.draws.minibatches import Draws
from minigan.finite import FiniteCheck
from minigan.network import Network
from minigan.objectives import Objective
from minigan.objectives.penalties import Penalty
from minigan.optimizers import Optimizer
from minigan.parameters import Parameters
from minigan.trace import Trace


@dataclass
class Game:
    """G and D with their optimizers, the settings of Algorithm 1, and reusable buffers.

    G, D: the networks. D has one output, the logit a, with D(x) = sigma(a).
    player_g, player_d: the optimizers, which hold theta_g and theta_d.
    draws: the source of minibatches, noise and masks.
    objective: what D ascends and G descends.
    m: the minibatch size.
    k: the number of D steps per iteration; the paper used 1.
    weight_of_V: D ascends weight_of_V * V. 1 in Algorithm 1; 1/2 in the published configurations,
        where the cost of D is the mean of two cross-entropies.
    g_steps: the number of G steps per iteration; 1 in the paper, and section 6 warns against more.
    check: raises an error if a loss or a gradient is not finite.
    penalty: D ascends weight_of_V * V - P; None in the paper.

    The buffers, where n is the number of values per example:

        batch (2m, n)        row i < m is the example x_i, row m + i the sample G(z_i)
        x (m, n)             the upper half of `batch`: the examples
        da (2m, 1)           d(weight V) / d logit of the rows of `batch`
        da_of_samples (m, 1) d(loss of G) / d logit in the G step
        trace_G              G's pass in the D step; its y is the lower half of `batch`
        trace_D              D's pass over `batch`
        trace_G_step         G's pass in the G step, with its own y
        trace_D_of_samples   D's pass over that y
        dtheta_g, dtheta_d   the gradients
        P                    the penalty of the last D step; None without a penalty
    """

    G: Network
    D: Network
    player_g: Optimizer
    player_d: Optimizer
    draws: Draws
    objective: Objective
    m: int
    k: int = 1
    weight_of_V: float = 1.0
    g_steps: int = 1
    check: FiniteCheck = field(default_factory=FiniteCheck, repr=False)
    penalty: Penalty | None = None
    batch: Array = field(init=False, repr=False)
    x: Array = field(init=False, repr=False)
    da: Array = field(init=False, repr=False)
    da_of_samples: Array = field(init=False, repr=False)
    trace_G: Trace = field(init=False, repr=False)
    trace_D: Trace = field(init=False, repr=False)
    trace_G_step: Trace = field(init=False, repr=False)
    trace_D_of_samples: Trace = field(init=False, repr=False)
    dtheta_g: Parameters = field(init=False, repr=False)
    dtheta_d: Parameters = field(init=False, repr=False)
    P: Any = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        """Allocate the buffers.

        Raises ValueError if the sizes of G and D do not match, if theta_g and theta_d have
        different dtypes, or if k, m or g_steps is below 1.
        """
        counts = {"k": self.k, "m": self.m, "g_steps": self.g_steps}
        if min(counts.values()) < 1:
            raise ValueError(f"k, m and g_steps must be at least 1, not {counts}")
        if self.G.outputs != self.D.inputs or self.D.outputs != 1:
            raise ValueError(
                f"G has {self.G.outputs} outputs, D has {self.D.inputs} inputs and "
                f"{self.D.outputs} outputs: D needs as many inputs as G has outputs, and 1 output, "
                "the logit"
            )
        theta_g, theta_d = self.player_g.theta.vector, self.player_d.theta.vector
        if theta_g.dtype != theta_d.dtype:
            raise ValueError(
                f"theta_g is {theta_g.dtype} and theta_d is {theta_d.dtype}: use one dtype for both"
            )
        xp, dtype, m = array_module(theta_g, theta_d), theta_d.dtype, self.m
        self.batch = xp.empty((2 * m, self.D.inputs), dtype=dtype)
        self.x = self.batch[:m]
        self.da = xp.empty((2 * m, 1), dtype=dtype)
        self.da_of_samples = xp.empty((m, 1), dtype=dtype)
        self.trace_G = self.G.trace(m, dtype, xp, y=self.batch[m:])
        self.trace_D = self.D.trace(2 * m, dtype, xp)
        self.trace_G_step = self.G.trace(m, dtype, xp)
        self.trace_D_of_samples = self.D.trace(m, dtype, xp)
        self.dtheta_g, self.dtheta_d = self.G.zeros(dtype, xp), self.D.zeros(dtype, xp)

    def tensors(self) -> Iterator[tuple[str, Array]]:
        """Yield every parameter tensor and every array of the last passes as (name, array).

        The order is that of the computation, so the first tensor that is not finite is the one
        where the problem started.
        """
        for player, theta in (("G", self.player_g.theta), ("D", self.player_d.theta)):
            for name, tensor in theta.items():
                yield f"{player}'s {name}", tensor
        yield "the minibatch x", self.x
        for when, network, trace in (
            ("G(z) in the D step", self.G, self.trace_G),
            ("D(x) and D(G(z)) in the D step", self.D, self.trace_D),
            ("G(z) in the G step", self.G, self.trace_G_step),
            ("D(G(z)) in the G step", self.D, self.trace_D_of_samples),
        ):
            if trace.passes:
                yield f"the input of {when}", trace.layers[0].x
                for name, layer in zip(network.names, trace.layers, strict=True):
                    yield f"the output of {name} of {when}", layer.y
