"""One snapshot of one-dimensional training, in the style of the paper's Figure 1.

    black dotted p_data    green solid p_g    blue dashed D    grey: D = 1/2

The densities p(x) = mass of a bin / bin width share the axis with D. Below the curves are two
horizontal lines, the lower one for z and the upper one for x. Each arrow goes from z to x = G(z).
The z are evenly spaced, so the density of the arrow heads shows p_g.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from minigan.parameters import Parameters
from minigan.reports.figures.line_game import EDGES, MIDDLES, Z_END, G, Snapshot
from minigan.reports.figures.plots import BLUE, GREEN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLACK, GREY = "#000000", "#8a8a8a"
TOP = 1.12  # upper limit of the axis of D, which is in [0, 1], and of the densities
ARROWS = 25
CURVES, LINES = 3.2, 1.0  # relative heights of the two parts

_WIDTH = EDGES[1] - EDGES[0]
_LOWER, _UPPER = 0.0, 1.0


def draw_curves(axes: Axes, at: Snapshot) -> None:
    """Draws p_data, p_g and D over x. Values of p_g above TOP are cut off."""
    axes.axhline(0.5, color=GREY, linewidth=0.6, zorder=0)
    axes.stairs(at.p_g / _WIDTH, EDGES, color=GREEN, linewidth=1.6, label="$p_g$")
    axes.plot(
        MIDDLES, at.p_data / _WIDTH, color=BLACK, linestyle=(0, (1, 1.4)), linewidth=2,
        label=r"$p_\mathrm{data}$",
    )  # fmt: skip
    axes.plot(MIDDLES, at.D, color=BLUE, linestyle=(0, (4, 2)), linewidth=1.6, label="$D(x)$")
    axes.set(xlim=(EDGES[0], EDGES[-1]), ylim=(0, TOP), yticks=[0, 0.5, 1])
    axes.set_yticklabels(["0", "½", "1"])
    axes.tick_params(bottom=False, labelbottom=False, length=3)
    axes.spines[["top", "right"]].set_visible(False)


def draw_arrows(axes: Axes, at: Snapshot) -> None:
    """Draws the arrows z -> x = G(z) for evenly spaced z, with the x axis of `draw_curves`."""
    z = np.linspace(-Z_END, Z_END, ARROWS)
    theta_g = Parameters(G.shapes, at.theta_g)
    x = G.forward(theta_g, z[:, None].astype(at.theta_g.dtype)).y[:, 0]
    left, right = EDGES[0], EDGES[-1]
    feet = (left + right) / 2 + z / Z_END * (right - left) * 0.46
    up = _UPPER - _LOWER
    axes.quiver(
        feet, np.full(ARROWS, _LOWER), x - feet, np.full(ARROWS, up),
        angles="xy", scale_units="xy", scale=1, color=BLACK,
        units="inches", width=0.6 / 72, headwidth=7, headlength=9, headaxislength=9,
    )  # fmt: skip
    for height, name in ((_LOWER, "$z$"), (_UPPER, "$x$")):
        axes.plot([left, right], [height, height], color=BLACK, linewidth=1.1)
        axes.annotate(
            name,
            (left, height),
            xytext=(-9, 0),
            textcoords="offset points",
            va="center",
            ha="center",
        )
    axes.set(xlim=(left, right), ylim=(_LOWER - 0.08, _UPPER + 0.08))
    axes.set_axis_off()
