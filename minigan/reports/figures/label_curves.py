"""The figure of few labels: the error on test images against the number of labels.

Each point is the mean over the subsets, with its standard error. Both axes are logarithmic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigan.reports.few_labels import (
    INFERRED,
    PIXELS,
    TRAINED,
    UNTRAINED,
    FewLabels,
    mean_and_error,
)
from minigan.reports.figures import plots
from minigan.reports.figures.plots import BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLES = {
    PIXELS: (ORANGE, "s--"),
    UNTRAINED: ("#7f7f7f", "^:"),
    TRAINED: (BLUE, "o-"),
    INFERRED: (GREEN, "D-."),
}


def draw_label_curves(found: FewLabels, suffix: str) -> bytes:
    """The content of a .png, .svg or .pdf file."""

    def fill(figure: Figure) -> None:
        (axes,) = plots.row_of_axes(figure, 1)
        for name, errors in found.errors.items():
            means, bars = zip(*map(mean_and_error, errors), strict=True)
            colour, style = STYLES[name]
            axes.errorbar(
                found.labels,
                [100 * mean for mean in means],
                [100 * bar for bar in bars],
                fmt=style,
                color=colour,
                markersize=4,
                capsize=3,
                label=f"{name}: {100 * means[-1]:.2f} % with {found.labels[-1]:,} labels",
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(found.labels, [f"{N:,}" for N in found.labels])
        axes.set_xticks([], minor=True)
        ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100) if tick < 100 * _largest(found)]
        axes.set_yticks(ticks, [f"{tick}" for tick in ticks])
        axes.set_yticks([], minor=True)
        axes.set_xlabel("labels")
        axes.set_ylabel(f"wrong {found.images}, %")
        plots.name_lines(axes)

    return plots.drawn(fill, suffix, figsize=(5.6, 4.6), layout="constrained")


def _largest(found: FewLabels) -> float:
    return max(max(errors) for curve in found.errors.values() for errors in curve)
