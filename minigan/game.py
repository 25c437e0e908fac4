"""A game is what Algorithm 1 works on: two networks, their optimizers, and the memory of both.

`draws` supplies the randomness: minibatches, noise and masks, each a pure function of a stream and
a step, so that the order of calls cannot change a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.draws.minibatches import Draws
from minigan.finite import FiniteCheck
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Optimizer
from minigan.parameters import Parameters
from minigan.trace import Trace


@dataclass
class Game:
    """G and D with their optimizers, the minibatch size m, and buffers that are reused.

    `k` is the number of D steps per iteration (Algorithm 1; the paper used 1), `g_steps` that of G
    steps (1 in the paper, whose section 6 warns of more). `weight_of_V` is 1 in Algorithm 1 and
    1/2 in the published configurations, whose cost for D is the mean of two cross-entropies.
    `check` raises an error where a loss or a gradient is not finite.

    The buffers, with n numbers per image:

        batch (2m, n)        row i < m is data, row m + i the sample G(z_i): one pass of D for both
        x (m, n)             its upper half, where the data go
        da (2m, 1)           d(weight V) / d logit of those rows
        da_of_samples (m, 1) d(objective of G) / d logit
        trace_G              G's pass in the D step; its y is the lower half of `batch`
        trace_D              D's pass over `batch`
        trace_G_step         G's pass in the G step, with a y of its own
        trace_D_of_samples   D's pass over that y
        dtheta_g, dtheta_d   the gradients
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

    def __post_init__(self) -> None:
        """Make the buffers.

        Raises ValueError where G does not fit D, or k, m or g_steps is below 1.
        """
        counts = {"k": self.k, "m": self.m, "g_steps": self.g_steps}
        if min(counts.values()) < 1:
            raise ValueError(f"k, m and g_steps must be at least 1, not {counts}")
        if self.G.outputs != self.D.inputs or self.D.outputs != 1:
            raise ValueError(
                f"G makes {self.G.outputs} numbers, D takes {self.D.inputs} and answers with "
                f"{self.D.outputs}: the first two must agree and the last must be 1, the logit"
            )
        theta_g, theta_d = self.player_g.theta.vector, self.player_d.theta.vector
        if theta_g.dtype != theta_d.dtype:
            raise ValueError(f"theta_g is {theta_g.dtype} and theta_d {theta_d.dtype}")
        xp, dtype, m = array_module(theta_d), theta_d.dtype, self.m
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
        """Every parameter and every number of the last passes by name, in the order of a pass."""
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
