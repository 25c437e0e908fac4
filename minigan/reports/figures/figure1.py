"""Figure 1 of the paper, from a game on the line that is really played.

    (a) Algorithm 1 near convergence: p_g is close to p_data, and D is partly right
    (b) the same G, and D trained to D* = p_data / (p_data + p_g)                    (Eq. 2)
    (c) G updated alone, against that D: G(z) flows to where D is higher
    (d) Algorithm 1 at its end: p_g ~ p_data and D ~ 1/2                             (Thm 1)

(b) and (c) are an aside from (a); (d) is where Algorithm 1 goes from (a), by itself. The animation
shows Algorithm 1 alone, from its first iteration to its last, beside C(G) = -log 4 + 2 JSD (Eq. 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.errors import UserError
from minigan.reports.figures import film, line_game, line_picture, line_steps, plots
from minigan.reports.figures.line_game import Snapshot
from minigan.system.files import write_atomically
from minigan.training.progress import Progress

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEAR = 0.1  # nats: the first p_g whose JSD is smaller is the one of panels (a) and (b)


@dataclass(frozen=True)
class Panels:
    """The four moments that the panels show."""

    a: Snapshot
    b: Snapshot
    c: Snapshot
    d: Snapshot

    def to_json(self) -> dict[str, Any]:
        """The numbers of each panel: nats, and mean and largest distances of D."""
        return {
            name: {
                "iteration": at.t,
                "C": at.C,
                "jsd": at.jsd,
                "V": at.V,
                "D_Gz": at.D_Gz,
                "distance_to_D_star": _named(at.away(at.D_star)),
                "distance_to_half": _named(at.away(0.5)),
            }
            for name, at in vars(self).items()
        }

    def __str__(self) -> str:
        """The same in words, a line for each panel."""
        a, b, c, d = (self.to_json()[name] for name in "abcd")
        star, half = "distance_to_D_star", "distance_to_half"
        return "\n".join(
            [
                f"(a) iteration {self.a.t}: JSD {a['jsd']:.4f} nats, C(G) = {a['C']:.4f}; "
                f"|D - D*| {a[star]['mean']:.3f} in the mean",
                f"(b) D trained to D*: |D - D*| {b[star]['mean']:.4f} in the mean, at most "
                f"{b[star]['largest']:.4f}; V = {b['V']:.4f}",
                f"(c) G updated {_times(self)}: JSD {c['jsd']:.4f} nats, C(G) = {c['C']:.4f}; "
                f"mean D(G(z)) {b['D_Gz']:.4f} -> {c['D_Gz']:.4f}",
                f"(d) iteration {self.d.t}: JSD {d['jsd']:.4f} nats, C(G) = {d['C']:.4f} (minimum "
                f"-log 4 = -1.3863); |D - 1/2| {d[half]['mean']:.3f} in the mean",
            ]
        )


def draw(seed: int, out: Path, animation: Path | None = None, quiet: bool = False) -> Panels:
    """Play the game of `seed`; draw Figure 1 into `out`, and the whole game into `animation`.

    `out` is a .png, .svg or .pdf, `animation` an animated .png. Progress goes to standard error
    unless `quiet`. Equal seeds give equal numbers, on one machine also equal files. Raises
    UserError, before anything is played, where a suffix, a folder or Matplotlib is not there;
    OSError where a file cannot be written.
    """
    plots.require_matplotlib(out)
    if animation is not None:
        if animation.suffix.lower() != ".png":
            raise UserError(f"{animation} must end in .png: an animation is an animated PNG")
        plots.require_matplotlib(animation)
    shots = _play(seed, {line_game.ITERATIONS, *(film.moments() if animation else ())}, quiet)
    a = next((at for at in shots if at.jsd < NEAR), shots[-1])
    b = line_steps.to_D_star(a)
    panels = Panels(a, b, line_steps.update_G(b, seed), shots[-1])
    write_atomically(out, plots.encoded(_figure(panels), out.suffix))
    if animation:
        write_atomically(animation, film.animated([at for at in shots if at.t in film.moments()]))
    return panels


def _play(seed: int, moments: set[int], quiet: bool) -> list[Snapshot]:
    """The game at the given moments, and before them at each iteration until p_g is near."""
    shots: list[Snapshot] = []
    near = False
    with Progress(line_game.ITERATIONS, quiet) as progress:
        for t, game in line_game.play(seed):
            if t in moments or not near:
                shots.append(line_game.snapshot(t, game.player_g.theta, game.player_d.theta))
                near = near or shots[-1].jsd < NEAR
            if t < line_game.ITERATIONS:
                progress.advance(f"JSD {shots[-1].jsd:.4f} nats [0]")
    return shots


def _figure(panels: Panels) -> Figure:
    """The four panels in a row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    heights = [line_picture.CURVES, line_picture.LINES]
    grid = figure.add_gridspec(2, 4, height_ratios=heights, hspace=0, wspace=0.04)
    for column, (at, words) in enumerate(_words(panels)):
        above, below = (figure.add_subplot(grid[row, column]) for row in (0, 1))
        line_picture.draw_curves(above, at)
        line_picture.arrows(below, at)
        above.set_title(f"({'abcd'[column]}) {words[0]}", fontsize=11)
        below.text(
            0.5, -0.18, words[1], transform=below.transAxes, ha="center", va="top", fontsize=9
        )
        if column == 0:
            lines = above.get_legend_handles_labels()
            figure.legend(*lines, loc="outside upper center", ncols=3, frameon=False)
    return figure


def _words(panels: Panels) -> list[tuple[Snapshot, tuple[str, str]]]:
    """Each panel's title and the numbers below it."""
    a, b, c, d = panels.a, panels.b, panels.c, panels.d
    mean, largest = b.away(b.D_star)
    return [
        (a, (f"near convergence, t = {a.t}", f"JSD = {a.jsd:.3f} nats, $C(G)$ = {a.C:.3f}")),
        (b, ("$D$ trained to $D^*$", f"$|D - D^*|$: mean {mean:.4f}, largest {largest:.4f}")),
        (c, (f"$G$ updated {_times(panels)}", f"JSD = {c.jsd:.3f} nats, $C(G)$ = {c.C:.3f}")),
        (
            d,
            (
                f"the end, t = {d.t}",
                f"JSD = {d.jsd:.3f} nats, $|D - ½|$: mean {d.away(0.5)[0]:.3f}",
            ),
        ),
    ]


def _named(mean_and_largest: tuple[float, float]) -> dict[str, float]:
    return dict(zip(("mean", "largest"), mean_and_largest, strict=True))


def _times(panels: Panels) -> str:
    count = panels.c.t - panels.b.t
    return "once" if count == 1 else f"{count} times"
