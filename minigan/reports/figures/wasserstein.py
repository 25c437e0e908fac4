"""JSD and W1 as losses of G: over the distance of two point masses, and on Figure 1's line.

    (a) two point masses at the distance theta: JSD = log 2 with slope 0, W1 = |theta|
    (b) Figure 1's line before the first iteration: D* (Eq. 2) and a trained critic
    (c) the same at the first iteration with a JSD below 0.1 nats, panel (a) of Figure 1

In (b), p_g and p_data hardly overlap. D* is 0 at the samples, without a slope, and the critic has a
slope near 1. A constant added to a critic changes nothing; it is drawn with its mean at 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from minigan.parameters import Parameters
from minigan.reports.figures import figure1, line_game, line_picture, plots
from minigan.reports.figures.line_game import MIDDLES, G, Snapshot
from minigan.reports.figures.plots import BLUE, ORANGE
from minigan.system.files import write_atomically
from minigan.theory.critic import TrainedCritic, train_critic
from minigan.theory.two_masses import losses

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THETAS = np.linspace(-1, 1, 201)
LEAST_MASS = 1e-4  # a critic is drawn in the bins with more mass; it is not trained in the others


@dataclass(frozen=True)
class CriticOfG:
    """A state of Figure 1's training, and a critic trained for its G."""

    at: Snapshot
    critic: TrainedCritic

    @property
    def excess(self) -> float:
        """V / W1 - 1."""
        return self.critic.V / self.critic.W1 - 1

    def to_json(self) -> dict[str, float]:
        """The iteration, JSD in nats, W1, V and V / W1 - 1."""
        V, W1 = self.critic.V, self.critic.W1
        return {"iteration": self.at.t, "jsd": self.at.jsd, "W1": W1, "V": V, "excess": self.excess}

    def __str__(self) -> str:
        """One line of text."""
        return (
            f"iteration {self.at.t}: JSD {self.at.jsd:.4f} nats, W1 {self.critic.W1:.4f}; "
            f"V of the critic {self.critic.V:.4f} ({100 * self.excess:+.1f} %)"
        )


@dataclass(frozen=True)
class LossesOnTheLine:
    """The panels (b) and (c)."""

    critics: tuple[CriticOfG, CriticOfG]

    def to_json(self) -> dict[str, Any]:
        """The numbers of both panels."""
        return {name: one.to_json() for name, one in zip("bc", self.critics, strict=True)}

    def __str__(self) -> str:
        """One line of text for each panel."""
        lines = ["(a) two point masses: JSD = log 2 with slope 0, W1 = |theta|"]
        lines += [f"({name}) {one}" for name, one in zip("bc", self.critics, strict=True)]
        return "\n".join(lines)


def draw(out: Path, seed: int) -> LossesOnTheLine:
    """Trains G for a few iterations and a critic twice, and writes the figure to `out`.

    `out` is a .png, .svg or .pdf file. Raises UserError if the suffix is wrong, if the folder does
    not exist or if Matplotlib is not installed, and OSError if the file cannot be written.
    """
    plots.require_matplotlib(out)
    first, near = states(seed)
    result = LossesOnTheLine((with_critic(first, seed), with_critic(near, seed)))
    fill = partial(_draw, result)
    write_atomically(out, plots.drawn(fill, out.suffix, figsize=(13, 3.6), layout="constrained"))
    return result


def states(seed: int) -> tuple[Snapshot, Snapshot]:
    """Figure 1's training before the first iteration, and at the first JSD below 0.1 nats."""
    shots = []
    for t, game in line_game.run_game(seed):
        shots.append(line_game.snapshot(t, game.player_g.theta, game.player_d.theta))
        if shots[-1].jsd < figure1.NEAR:
            break
    return shots[0], shots[-1]


def with_critic(at: Snapshot, seed: int) -> CriticOfG:
    """Trains a critic for the G of a snapshot."""
    z = np.linspace(-line_game.Z_END, line_game.Z_END, line_game.CELLS + 1, dtype=np.float32)
    x = G.forward(Parameters(G.shapes, at.theta_g), z[:, None]).y[:, 0]
    return CriticOfG(at, train_critic(x, seed))


def _draw(result: LossesOnTheLine, figure: Figure) -> None:
    """Draws the three panels in a row."""
    left, *lines = plots.row_of_axes(figure, 3)
    _draw_losses(left)
    for name, axes, one in zip("bc", lines, result.critics, strict=True):
        _draw_line(axes, one)
        axes.set_title(
            f"({name}) t = {one.at.t}: JSD = {one.at.jsd:.3f} nats\n"
            f"$W_1$ = {one.critic.W1:.3f}, $V$ = {one.critic.V:.3f}",
            fontsize=11,
        )


def _draw_losses(axes: Axes) -> None:
    """Plots both losses over the distance theta of two point masses."""
    jsd, w1 = np.array([losses(theta) for theta in THETAS]).T
    apart = THETAS != 0
    for side in (THETAS < 0, THETAS > 0):
        axes.plot(THETAS[side], jsd[side], color=BLUE, label="JSD, nats" if side[0] else None)
    axes.plot(THETAS[~apart], jsd[~apart], "o", color=BLUE, markersize=5)
    axes.plot(THETAS, w1, color=ORANGE, label="$W_1$")
    axes.set_xlabel(r"$\theta$, the distance of two point masses")
    axes.set_title("(a) JSD has the slope 0,\n$W_1$ the slope -1 or 1", fontsize=11)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.legend(frameon=False, loc="lower right")


def _draw_line(axes: Axes, one: CriticOfG) -> None:
    """Draws p_data, p_g and D* over x, and the critic on an axis of its own."""
    line_picture.draw_curves(axes, replace(one.at, D=one.at.D_star))
    axes.lines[-1].set_label("$D^*(x)$")
    trained = MIDDLES[one.at.p_data + one.at.p_g > LEAST_MASS]
    a = one.critic(trained)
    right = axes.twinx()
    right.plot(trained, a - a.mean(), color=ORANGE)
    right.tick_params(labelsize=8)
    right.spines["top"].set_visible(False)
    lines, names = axes.get_legend_handles_labels()
    axes.legend(
        [*lines, *right.lines], [*names, "critic, right axis"], frameon=False, ncols=4, fontsize=9,
        loc="upper center", bbox_to_anchor=(0.5, -0.02), columnspacing=1,
    )  # fmt: skip
