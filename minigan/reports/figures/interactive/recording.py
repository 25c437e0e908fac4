"""A recorded game on the line: the state of Algorithm 1 at chosen iterations, as numbers.

Curves are rounded to the precision of the picture; V, C(G), JSD and |D - D*| have four decimals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.finite import NotFiniteError
from minigan.parameters import Parameters
from minigan.reports.figures import line_game
from minigan.reports.figures.line_game import EDGES, Z_END, G, LineSetting, Snapshot
from minigan.reports.html.markup import signed
from minigan.theory import line

ITERATIONS, FRAMES = 400, 50
ARROWS = 25
WIDTH = float(EDGES[1] - EDGES[0])  # of a bin


def record(
    seed: int, setting: LineSetting, report: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """Trains with Algorithm 1 and returns the setting, the frames and, if it failed, the reason.

    A game whose loss or gradient is not finite has only the frames before that. `report` is called
    after each iteration.
    """
    wanted = line_game.frame_iterations(ITERATIONS, FRAMES)
    frames, t, failed = [], 0, ""
    try:
        with np.errstate(all="ignore"):  # of a game that diverges
            for t, game in line_game.run_game(seed, setting):
                if t in wanted:
                    shot = line_game.snapshot(t, game.player_g.theta, game.player_d.theta)
                    frames.append(frame_numbers(shot))
                if t == ITERATIONS:
                    break
                report()
    except NotFiniteError as error:
        failed = f"In iteration {t + 1} {error}: this game has diverged."
    return {
        "k": setting.k,
        "objective": setting.objective.name,
        "rate": setting.rate,
        "failed": failed,
        "frames": frames,
    }


def frame_numbers(at: Snapshot) -> dict[str, Any]:
    """The numbers of one frame.

    p_g is a density and, like D and D_star, in thousandths at the bin centres. x has G(z), in
    hundredths, for evenly spaced z.
    """
    z = np.linspace(-Z_END, Z_END, ARROWS)[:, None].astype(at.theta_g.dtype)
    x = G.forward(Parameters(G.shapes, at.theta_g), z).y[:, 0]
    return {
        "t": at.t,
        "V": _text(at.V),
        "C": _text(at.C),
        "JSD": _text(at.jsd),
        "distance": _text(at.distance(at.D_star)[0]),
        "D_Gz": _text(at.D_Gz),
        "p_g": _whole(at.p_g / WIDTH, 1000),
        "D": _whole(at.D, 1000),
        "D_star": _whole(at.D_star, 1000),
        "x": _whole(x, 100),
    }


def density_of_data() -> list[int | None]:
    """The density p_data at the bin centres, in thousandths."""
    return _whole(line.masses_of_mixture(line_game.P_DATA, EDGES) / WIDTH, 1000)


def _text(value: float) -> str:
    return signed(f"{value:.4f}").replace("inf", "∞")


def _whole(values: Array | Sequence[float], unit: int) -> list[int | None]:
    """Each value in 1/unit, rounded; None if it is not defined."""
    return [round(float(one) * unit) if math.isfinite(one) else None for one in values]
