"""Matplotlib helpers: no window, no changes to the user's settings, reproducible files.

Matplotlib is the optional dependency `minigan[plot]`. It is imported when the first plot is made.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from minigan.errors import UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"  # also suitable for colour-blind readers
DOTS_PER_INCH = 160

_WITHOUT_DATE = {".png": None, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def require_matplotlib(out: Path) -> None:
    """Raises UserError if a plot cannot be written to `out`.

    The reasons are a wrong suffix, a folder that does not exist, and a missing Matplotlib.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise UserError(f"{out} must end in .png, .svg or .pdf")
    if not out.parent.is_dir():
        raise UserError(f"{out} cannot be written: the folder {out.parent} does not exist")
    try:
        import matplotlib.figure
    except ImportError:
        raise UserError("plots need Matplotlib: pip install 'minigan[plot]'") from None
    assert matplotlib.figure


def empty(columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with a row of `columns` axes, each of `width` x `height` inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(columns * width, height), layout="constrained")
    axes = [figure.add_subplot(1, columns, column + 1) for column in range(columns)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(color="#e6e6e6", linewidth=0.8)
        each.set_axisbelow(True)
    return figure, axes


def name_lines(axes: Axes) -> None:
    """Adds the legend above the axes, where it covers no data."""
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1))


def encoded(figure: Figure, suffix: str) -> bytes:
    """The file content of a figure for one of SUFFIXES. Equal figures give equal bytes."""
    import matplotlib

    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "minigan"}):
        figure.savefig(
            file,
            format=suffix.lower().removeprefix("."),
            dpi=DOTS_PER_INCH,
            metadata=_WITHOUT_DATE[suffix.lower()],
        )
    return file.getvalue()
