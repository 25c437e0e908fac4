"""Every figure of Matplotlib is built and encoded here: equal data give equal bytes.

The settings are Matplotlib's own defaults, whatever the user's matplotlibrc, MPLBACKEND or program
has set, and the user's settings do not change. There is no window, and pyplot is not imported.

Matplotlib is the optional dependency `minigan[plot]`. It is imported when the first plot is made.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.errors import UserError
from minigan.system.install import install_command

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"  # also suitable for colour-blind readers
DOTS_PER_INCH = 160

_WITHOUT_DATE = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def require_matplotlib(out: Path) -> None:
    """Raises UserError if a plot cannot be written to `out`.

    The reasons are a wrong suffix, a folder that does not exist, and a missing Matplotlib.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise UserError(f"{out} must end in .png, .svg or .pdf")
    if not out.parent.is_dir():
        raise UserError(f"{out} cannot be written: the folder {out.parent} does not exist")
    _import_matplotlib()


def drawn(
    draw: Callable[[Figure], object], suffix: str, dpi: int = DOTS_PER_INCH, **settings: Any
) -> bytes:
    """The content of a file with one figure, which `draw` fills.

    `suffix` is one of SUFFIXES, or ".rgba" for the pixels, 4 bytes each. `settings` are the
    arguments of Matplotlib's `Figure`.
    """
    _import_matplotlib()
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    file = io.BytesIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["svg.hashsalt"] = "minigan"
        figure = Figure(**settings)
        FigureCanvasAgg(figure)
        draw(figure)
        form = suffix.lower().removeprefix(".")
        figure.savefig(file, format=form, dpi=dpi, metadata=_WITHOUT_DATE.get(suffix.lower()))
    return file.getvalue()


def row_of_axes(figure: Figure, columns: int) -> list[Axes]:
    """Adds a row of `columns` axes to an empty figure."""
    axes = [figure.add_subplot(1, columns, column + 1) for column in range(columns)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(color="#e6e6e6", linewidth=0.8)
        each.set_axisbelow(True)
    return axes


def name_lines(axes: Axes) -> None:
    """Adds the legend above the axes, where it covers no data."""
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1))


def _import_matplotlib() -> None:
    """Imports Matplotlib. Raises UserError if it is missing or cannot be imported."""
    # A notebook sets MPLBACKEND to a backend that may not be installed here: the import would fail.
    is_first = "matplotlib" not in sys.modules
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib.figure
    except ImportError:
        raise UserError(f"plots need Matplotlib: {install_command('plot')}") from None
    except Exception as error:  # a matplotlibrc that cannot be decoded
        raise UserError(
            f"Matplotlib cannot be imported: {error}; correct its settings in matplotlibrc"
        ) from None
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if is_first and backend is not None:
        with contextlib.suppress(ValueError):
            matplotlib.rcParams["backend"] = backend  # for the user's own figures
