"""One moment of a game on the line as the paper draws it: three curves above, z -> x below.

    black dotted p_data    green solid p_g    blue dashed D    grey: D = 1/2

The densities share the axis with D: p(x) = mass of a bin / its width. Below them are two lines,
z (the lower one) and x. Each arrow leads from a z to x = G(z); the z are evenly spaced, so arrows
are dense where p_g is.
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
TOP = 1.12  # of the axis that D, in [0, 1], shares with the densities
ARROWS = 25
CURVES, LINES = 3.2, 1.0  # heights of the two parts

_WIDTH = EDGES[1] - EDGES[0]
_LOWER, _UPPER = 0.0, 1.0


def draw_curves(axes: Axes, at: Snapshot) -> None:
    """p_data, p_g and D over x; a p_g beyond the top is cut off there."""
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


def arrows(axes: Axes, at: Snapshot) -> None:
    """z -> x = G(z) for evenly spaced z, on the x axis of `curves`."""
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
