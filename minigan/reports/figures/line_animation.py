"""The one-dimensional training run as an animated PNG: p_data, p_g and D, next to C(G).

    C(G) = -log 4 + 2 JSD(p_data || p_g)  >=  -log 4      (Eq. 6, Thm 1)

Each frame shows one iteration (`line_game.frame_iterations`), and C(G) up to it. A line marks the
minimum -log 4. Colours are rounded to 16 levels per channel, which reduces the file size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from minigan.arrays import Array
from minigan.objectives import LOG_4
from minigan.reports.figures import line_picture, plots
from minigan.reports.figures.line_game import Snapshot
from minigan.reports.figures.plots import ORANGE
from minigan.training import pictures
from minigan.training.pictures.animation import animation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FRAMES = 50
WIDTH, HEIGHT, DOTS = 6.4, 2.9, 100  # inches, inches, dots per inch


def animated_png(shots: Sequence[Snapshot]) -> bytes:
    """The animated PNG file with one frame for each snapshot; there must be at least two."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i:04d}.png" for i in range(len(shots))]
        for i, path in enumerate(paths):
            path.write_bytes(pictures.png(frame(shots, i)))
        file = animation(paths)
    assert file is not None
    return file


def frame(shots: Sequence[Snapshot], i: int) -> Array:
    """The picture of snapshot i, with C(G) of the snapshots 0..i: uint8 (rows, columns, 3)."""
    file = plots.drawn(partial(_draw, shots, i), ".rgba", DOTS, figsize=(WIDTH, HEIGHT))
    size = round(HEIGHT * DOTS), round(WIDTH * DOTS), 4
    pixels = np.frombuffer(file, np.uint8).reshape(size)[:, :, :3]
    return np.rint(pixels / 17).astype(np.uint8) * np.uint8(17)


def _draw(shots: Sequence[Snapshot], i: int, figure: Figure) -> None:
    """Draws the curves of snapshot i, and C(G) up to it."""
    heights = [line_picture.CURVES, line_picture.LINES]
    grid = figure.add_gridspec(
        2, 2, height_ratios=heights, width_ratios=[1.5, 1], hspace=0.16, wspace=0.3,
        left=0.06, right=0.97, top=0.88, bottom=0.05,
    )  # fmt: skip
    above, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    line_picture.draw_curves(above, shots[i])
    line_picture.draw_arrows(below, shots[i])
    above.set_title(f"t = {shots[i].t}", fontsize=10, loc="right")
    above.legend(
        frameon=False, fontsize=9, ncols=3, loc="lower left", bbox_to_anchor=(-0.02, 0.98),
        columnspacing=1, borderpad=0,
    )  # fmt: skip
    right = figure.add_subplot(grid[0, 1])
    right.axhline(-LOG_4, color=line_picture.GREY, linewidth=0.8)
    right.plot([s.t for s in shots[: i + 1]], [s.C for s in shots[: i + 1]], color=ORANGE)
    right.plot(shots[i].t, shots[i].C, "o", color=ORANGE, markersize=4)
    right.set_xscale("symlog", linthresh=10)  # most of the decrease is in the first iterations
    right.set(xlim=(-0.5, 1.3 * shots[-1].t), ylim=(-LOG_4 - 0.06, 0))
    right.set_title("$C(G) = -\\log 4 + 2\\,$JSD", fontsize=10)
    right.set_yticks([-LOG_4, -1, -0.5, 0], [r"$-\log 4$", "$-1$", "$-0.5$", "$0$"])
    right.tick_params(labelsize=8)
    right.set_xlabel("iteration", fontsize=8)
    right.spines[["top", "right"]].set_visible(False)
