"""A whole game on the line as an animated PNG: each frame a moment, beside C(G) up to then.

    C(G) = -log 4 + 2 JSD(p_data || p_g)  >=  -log 4      (Eq. 6, Thm 1), marked as a line

Frames are close together at the start, where the game moves fast: frame i of n shows iteration
ITERATIONS (i / (n - 1))^2. Colours are rounded to 16 levels a channel for a smaller file.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.objectives import LOG_4
from minigan.reports.figures import line_game, line_picture
from minigan.reports.figures.line_game import Snapshot
from minigan.reports.figures.plots import ORANGE
from minigan.training import pictures
from minigan.training.pictures.animation import animation

FRAMES = 50
WIDTH, HEIGHT, DOTS = 6.4, 2.9, 100  # inches, and dots per inch


def moments() -> list[int]:
    """The iterations that the frames show, rising."""
    return sorted({round(line_game.ITERATIONS * (i / (FRAMES - 1)) ** 2) for i in range(FRAMES)})


def animated(shots: Sequence[Snapshot]) -> bytes:
    """The animated PNG of two or more snapshots, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i:04d}.png" for i in range(len(shots))]
        for i, path in enumerate(paths):
            path.write_bytes(pictures.png(frame(shots, i)))
        film = animation(paths)
    assert film is not None
    return film


def frame(shots: Sequence[Snapshot], i: int) -> Array:
    """Snapshot i of `shots` beside C(G) of all up to it, uint8 (rows, columns, 3)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS)
    heights = [line_picture.CURVES, line_picture.LINES]
    grid = figure.add_gridspec(
        2, 2, height_ratios=heights, width_ratios=[1.5, 1], hspace=0.16, wspace=0.3,
        left=0.06, right=0.97, top=0.88, bottom=0.05,
    )  # fmt: skip
    above, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    line_picture.draw_curves(above, shots[i])
    line_picture.arrows(below, shots[i])
    above.set_title(f"t = {shots[i].t}", fontsize=10, loc="right")
    above.legend(
        frameon=False, fontsize=9, ncols=3, loc="lower left", bbox_to_anchor=(-0.02, 0.98),
        columnspacing=1, borderpad=0,
    )  # fmt: skip
    right = figure.add_subplot(grid[0, 1])
    right.axhline(-LOG_4, color=line_picture.GREY, linewidth=0.8)
    right.plot([s.t for s in shots[: i + 1]], [s.C for s in shots[: i + 1]], color=ORANGE)
    right.plot(shots[i].t, shots[i].C, "o", color=ORANGE, markersize=4)
    right.set_xscale("symlog", linthresh=10)  # the fall is over in a hundredth of the game
    right.set(xlim=(-0.5, 1.3 * shots[-1].t), ylim=(-LOG_4 - 0.06, 0))
    right.set_title("$C(G) = -\\log 4 + 2\\,$JSD", fontsize=10)
    right.set_yticks([-LOG_4, -1, -0.5, 0], [r"$-\log 4$", "$-1$", "$-0.5$", "$0$"])
    right.tick_params(labelsize=8)
    right.set_xlabel("iteration", fontsize=8)
    right.spines[["top", "right"]].set_visible(False)
    file = io.BytesIO()
    figure.savefig(file, format="rgba", dpi=DOTS)
    pixels = np.frombuffer(file.getbuffer(), np.uint8).reshape(
        round(HEIGHT * DOTS), round(WIDTH * DOTS), 4
    )[:, :, :3]
    return np.rint(pixels / 17).astype(np.uint8) * np.uint8(17)
