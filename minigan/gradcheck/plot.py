"""A picture of the errors: one panel per input, with the relative error of every entry.

    log10( |analytic - numeric| / max|numeric| ),  from -17 to 0

Entries that were not compared are grey. Matplotlib is imported when the first picture is drawn; its
settings are neither used nor changed.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.gradcheck.layout import on_one_line, shortened
from minigan.gradcheck.report import Report, Row, number_text, shape_text
from minigan.system.files import write_atomically
from minigan.system.install import install_command

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOW, HIGH = -17.0, 0.0  # of log10 error; values outside are drawn at the nearest end
GREY = "#c8c8c8"
MOST_PANELS, MOST_PIXELS, COLUMNS = 48, 128, 3


def plot_errors(report: Report, path: Path) -> None:
    """Write the picture of a report to `path`, a .png file.

    Inputs without compared entries are left out. Of more than 48 inputs, 48 are drawn, first those
    that failed. Raises UserError without Matplotlib, OSError if the file cannot be written.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise UserError(f"plots need Matplotlib: {install_command('plot')}") from None
    rows = [row for row in report.rows if row.errors is not None and row.errors.size]
    caption = "log10 of the relative error; grey: not compared" if rows else "nothing was compared"
    if len(rows) > MOST_PANELS:
        caption += f"; {MOST_PANELS} of {len(rows)} inputs, failures first"
        rows = sorted(rows, key=lambda row: row.passed)[:MOST_PANELS]
    lines, columns = max(1, -(-len(rows) // COLUMNS)), max(1, min(len(rows), COLUMNS))
    defaults = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith("backend")}
    file = io.BytesIO()
    with mpl.rc_context(defaults):
        width, height = 3.6 * columns + 1, 2.6 * lines + 0.8
        figure = Figure(figsize=(width, height), dpi=160)
        figure.text(0.5, 1 - 0.2 / height, caption, ha="center", va="center", fontsize=9)
        inches = (0.5 / width, 0.4 / height, 1 - 0.9 / width, 1 - 0.8 / height)  # faster than
        figure.subplots_adjust(*inches, wspace=0.3, hspace=0.6)  # a constrained layout
        for number, row in enumerate(rows):
            draw_row(figure.add_subplot(lines, columns, number + 1), row)
        if images := [image for axes in figure.axes for image in axes.images]:
            place = (1 - 0.6 / width, 1 - 2.6 / height, 0.15 / width, 1.8 / height)
            figure.colorbar(images[0], figure.add_axes(place)).ax.tick_params(labelsize=7)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.print_png(file, metadata={"Software": None})
    write_atomically(path, file.getvalue())


def draw_row(axes: Axes, row: Row) -> None:
    """One panel: a line per entry for 0 or 1 axes, else an image with the first axis downwards."""
    with np.errstate(divide="ignore"):
        errors = np.clip(np.log10(np.asarray(row.errors, dtype=float)), LOW, HIGH)
    whole = errors.reshape(len(errors) if errors.ndim > 1 else 1, -1)
    image, (height, width) = reduced(whole), whole.shape
    drawn = f" drawn as {shape_text(whole.shape)}" if errors.ndim > 2 else ""
    verdict = f"{row.verdict}, error {number_text(row.error, '.1e')}"
    title = f"{drawable(row.name)}: {verdict}\n{shape_text(row.shape)}{drawn}"
    axes.set_title(title, fontsize=8).set_parse_math(False)
    axes.tick_params(labelsize=7)
    if errors.ndim > 1:
        axes.set_facecolor(GREY)
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        grid = np.ma.masked_invalid(image)
        axes.imshow(grid, aspect="auto", vmin=LOW, vmax=HIGH, extent=extent)
    else:
        at = np.linspace(0, width - 1, image.size) if width > 1 else np.zeros(1)
        missing = np.isnan(image[0])
        axes.vlines(at[missing], LOW, HIGH, color=GREY)
        axes.vlines(at[~missing], LOW, image[0, ~missing])
        axes.plot(at[~missing], image[0, ~missing], ".", markersize=4)
        axes.set(xlim=(-0.5, width - 0.5), ylim=(LOW - 0.5, HIGH + 0.5))


def reduced(image: Array) -> Array:
    """An image of at most 128 x 128 pixels: the largest error of each block of entries."""
    for axis, length in enumerate(image.shape):
        block = -(-length // MOST_PIXELS)
        image = np.fmax.reduceat(image, np.arange(0, length, block), axis=axis)
    return image


def drawable(name: str) -> str:
    """A name for a title: at most 32 characters, escaped if the font of the picture lacks them."""
    escaped = [
        c if c < "\u0530" else c.encode("unicode_escape").decode() for c in on_one_line(name)
    ]
    return shortened("".join(escaped), 32)
