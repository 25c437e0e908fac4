"""Figure 1 of the paper, computed by training on one-dimensional data.

    (a) Algorithm 1 near convergence: p_g is close to p_data, and D is partly accurate
    (b) the same G, and D trained to D* = p_data / (p_data + p_g)                    (Eq. 2)
    (c) G updated with D fixed: G(z) moves to regions where D is higher
    (d) Algorithm 1 after the last iteration: p_g ~ p_data and D ~ 1/2               (Thm 1)

(b) and (c) start from (a) but do not affect (d), which is the result of Algorithm 1 alone. The
animation shows Algorithm 1 from the first to the last iteration, next to C(G) = -log 4 + 2 JSD
(Eq. 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.errors import UserError
from minigan.reports.figures import line_animation, line_game, line_picture, line_steps, plots
from minigan.reports.figures.line_game import Snapshot
from minigan.system.files import write_atomically
from minigan.training.progress import Progress

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEAR = 0.1  # nats: panels (a) and (b) show the first p_g with a smaller JSD


@dataclass(frozen=True)
class Panels:
    """The states of the training run that the four panels show."""

    a: Snapshot
    b: Snapshot
    c: Snapshot
    d: Snapshot

    def to_json(self) -> dict[str, Any]:
        """The numbers of each panel: C, JSD and V in nats, and distances |D - D*| and |D - 1/2|."""
        return {
            name: {
                "iteration": at.t,
                "C": at.C,
                "jsd": at.jsd,
                "V": at.V,
                "D_Gz": at.D_Gz,
                "distance_to_D_star": _named(at.distance(at.D_star)),
                "distance_to_half": _named(at.distance(0.5)),
            }
            for name, at in vars(self).items()
        }

    def __str__(self) -> str:
        """One line of text for each panel."""
        a, b, c, d = (self.to_json()[name] for name in "abcd")
        star, half = "distance_to_D_star", "distance_to_half"
        return "\n".join(
            [
                f"(a) iteration {self.a.t}: JSD {a['jsd']:.4f} nats, C(G) = {a['C']:.4f}; "
                f"mean |D - D*| {a[star]['mean']:.3f}",
                f"(b) D trained to D*: |D - D*| mean {b[star]['mean']:.4f}, largest "
                f"{b[star]['largest']:.4f}; V = {b['V']:.4f}",
                f"(c) G updated {_times(self)}: JSD {c['jsd']:.4f} nats, C(G) = {c['C']:.4f}; "
                f"mean D(G(z)) {b['D_Gz']:.4f} -> {c['D_Gz']:.4f}",
                f"(d) iteration {self.d.t}: JSD {d['jsd']:.4f} nats, C(G) = {d['C']:.4f} (minimum "
                f"-log 4 = -1.3863); mean |D - 1/2| {d[half]['mean']:.3f}",
            ]
        )


def draw(seed: int, out: Path, animation: Path | None = None, quiet: bool = False) -> Panels:
    """Trains with `seed`, writes Figure 1 to `out` and, if given, the animation to `animation`.

    `out` is a .png, .svg or .pdf file, `animation` an animated .png file. Progress is shown on
    standard error unless `quiet`. The same seed gives the same numbers for one NumPy build
    and BLAS kernel, and then the same files.

    Raises UserError before the training starts if a suffix is wrong, if a folder does not exist or
    if Matplotlib is not installed. Raises OSError if a file cannot be written.
    """
    plots.require_matplotlib(out)
    if animation is not None:
        if animation.suffix.lower() != ".png":
            raise UserError(f"{animation} must end in .png: the animation is an animated PNG file")
        plots.require_matplotlib(animation)
    frames = set[int]()
    if animation:
        frames = line_game.frame_iterations(line_game.ITERATIONS, line_animation.FRAMES)
    shots = _snapshots(seed, {line_game.ITERATIONS, *frames}, quiet)
    a = next((at for at in shots if at.jsd < NEAR), shots[-1])
    b = line_steps.to_D_star(a)
    panels = Panels(a, b, line_steps.update_G(b, seed), shots[-1])
    write_atomically(
        out,
        plots.drawn(partial(_draw, panels), out.suffix, figsize=(13, 4.2), layout="constrained"),
    )
    if animation:
        write_atomically(
            animation, line_animation.animated_png([at for at in shots if at.t in frames])
        )
    return panels


def _snapshots(seed: int, iterations: set[int], quiet: bool) -> list[Snapshot]:
    """Snapshots at the given iterations, and at every iteration until JSD < NEAR."""
    shots: list[Snapshot] = []
    near = False
    with Progress(line_game.ITERATIONS, quiet) as progress:
        for t, game in line_game.run_game(seed):
            if t in iterations or not near:
                shots.append(line_game.snapshot(t, game.player_g.theta, game.player_d.theta))
                near = near or shots[-1].jsd < NEAR
            if t < line_game.ITERATIONS:
                progress.advance(f"JSD {shots[-1].jsd:.4f} nats [0]")
    return shots


def _draw(panels: Panels, figure: Figure) -> None:
    """Draws the four panels in a row."""
    heights = [line_picture.CURVES, line_picture.LINES]
    grid = figure.add_gridspec(2, 4, height_ratios=heights, hspace=0, wspace=0.04)
    for column, (at, (title, numbers)) in enumerate(_captions(panels)):
        above, below = (figure.add_subplot(grid[row, column]) for row in (0, 1))
        line_picture.draw_curves(above, at)
        line_picture.draw_arrows(below, at)
        above.set_title(f"({'abcd'[column]}) {title}", fontsize=11)
        below.text(
            0.5, -0.18, numbers, transform=below.transAxes, ha="center", va="top", fontsize=9
        )
        if column == 0:
            lines = above.get_legend_handles_labels()
            figure.legend(*lines, loc="outside upper center", ncols=3, frameon=False)


def _captions(panels: Panels) -> list[tuple[Snapshot, tuple[str, str]]]:
    """The title of each panel and the line of numbers below it."""
    a, b, c, d = panels.a, panels.b, panels.c, panels.d
    mean, largest = b.distance(b.D_star)
    return [
        (a, (f"near convergence, t = {a.t}", f"JSD = {a.jsd:.3f} nats, $C(G)$ = {a.C:.3f}")),
        (b, ("$D$ trained to $D^*$", f"$|D - D^*|$: mean {mean:.4f}, largest {largest:.4f}")),
        (c, (f"$G$ updated {_times(panels)}", f"JSD = {c.jsd:.3f} nats, $C(G)$ = {c.C:.3f}")),
        (
            d,
            (
                f"the end, t = {d.t}",
                f"JSD = {d.jsd:.3f} nats, $|D - ½|$: mean {d.distance(0.5)[0]:.3f}",
            ),
        ),
    ]


def _named(mean_and_largest: tuple[float, float]) -> dict[str, float]:
    return dict(zip(("mean", "largest"), mean_and_largest, strict=True))


def _times(panels: Panels) -> str:
    count = panels.c.t - panels.b.t
    return "once" if count == 1 else f"{count} times"
