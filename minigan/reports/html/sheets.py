"""The sample sheets of a run, in the page itself: the last one, or any by a slider.

Each is the run's own PNG file in base64, to the byte. At most MOST of them, and together at most
LARGEST bytes, spread evenly over the run, the first and the last among them. Without a script the
page shows the last one.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from minigan.reports.html.markup import Html, element, together
from minigan.system.files import read_whole
from minigan.training.pictures.animation import evenly

MOST = 60
LARGEST = 15_000_000  # bytes, which are 20 MB in base64


@dataclass(frozen=True)
class Sheet:
    """A sheet as it lies in the run folder: its iteration, its PNG bytes, its size in pixels."""

    iteration: int
    png: bytes
    width: int
    height: int


def read(folder: Path, most: int = MOST, largest: int = LARGEST) -> tuple[list[Sheet], int]:
    """The sheets to show of those in `folder`, and how many were left out.

    A file that is no whole PNG is left out too.
    """
    there = (path for path in folder.glob("*.png") if path.stem.isdecimal() and path.is_file())
    paths = sorted(there, key=lambda path: int(path.stem))
    sizes = [path.stat().st_size for path in paths]
    room = min(most, largest // max([1, *sizes]))
    chosen = evenly(len(paths), room) if room > 1 else range(len(paths) - room, len(paths))
    sheets = [sheet for i in chosen if i >= 0 and (sheet := _sheet(paths[i], largest))]
    return sheets, len(paths) - len(sheets)


def encoded_picture(png: bytes, width: int, height: int, words: str) -> Html:
    """A PNG file as an image of the page."""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return element("img", src=source, width=width, height=height, alt=words)


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises an error of Pillow's where it is no whole PNG file."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        image.verify()
        return image.size


def slider(sheets: list[Sheet], left_out: int) -> Html:
    """The sheets, of which the last is shown, and the slider that the script brings to life."""
    if not sheets:
        return element("p", "There is no sample sheet that could be shown.")
    figures = [
        element(
            "figure",
            encoded_picture(sheet.png, sheet.width, sheet.height, f"samples after {_after(sheet)}"),
            element("figcaption", f"after {_after(sheet)}"),
            class_="sheet",
            hidden=sheet is not sheets[-1],
        )
        for sheet in sheets
    ]
    told = f"{len(sheets)} of the run's sheets, on the same z each time"
    others = f"; {left_out:,} more are in samples/, left out here" if left_out else ""
    return together([_controls(len(sheets)), *figures, element("p", f"{told}{others}.")])


def _controls(count: int) -> Html:
    """Hidden until the script works; nothing to choose where there is one sheet."""
    if count < 2:
        return Html("")
    range_ = element(
        "input",
        type="range",
        id="slider",
        min=0,
        max=count - 1,
        value=count - 1,
        step=1,
        aria_label="which sample sheet",
    )
    play = element("button", "Play", type="button", id="play")
    return element("div", range_, play, id="controls", hidden=True)


def _after(sheet: Sheet) -> str:
    return f"{sheet.iteration:,} iterations"


def _sheet(path: Path, largest: int) -> Sheet | None:
    try:
        png = read_whole(path, largest)
        return Sheet(int(path.stem), png, *size(png))
    except Exception:  # of damaged bytes, Pillow raises half a dozen kinds
        return None
