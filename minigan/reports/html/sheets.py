"""The section with the sample sheets of a run and a slider to select one.

The unchanged PNG files of the run are embedded in base64. There are at most MOST sheets with at
most LARGEST bytes in total, evenly spaced over the run and including the first and the last one.
Without JavaScript the page shows the last sheet.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from minigan.reports.html.markup import Html, element, join
from minigan.system.reading import read_whole
from minigan.training.pictures.animation import evenly
from minigan.training.runs.directory import numbered

MOST = 60
LARGEST = 15_000_000  # bytes; 20 MB in base64


@dataclass(frozen=True)
class Sheet:
    """A sample sheet: its iteration, the bytes of its PNG file, and its size in pixels."""

    iteration: int
    png: bytes
    width: int
    height: int


def read(folder: Path, most: int = MOST, largest: int = LARGEST) -> tuple[list[Sheet], int]:
    """Reads the sheets to show from `folder`. Returns them and the number of omitted sheets.

    Files that are not valid PNG files are omitted, too.
    """
    paths = [path for path in numbered(folder, ".png").values() if _is_file(path)]
    sizes = [path.stat().st_size for path in paths]
    room = min(most, largest // max([1, *sizes]))
    chosen = evenly(len(paths), room) if room > 1 else range(len(paths) - room, len(paths))
    sheets = [sheet for i in chosen if i >= 0 and (sheet := _sheet(paths[i], largest))]
    return sheets, len(paths) - len(sheets)


def _is_file(path: Path) -> bool:
    """True for a regular file; a link could lead to a picture outside of the run."""
    return path.is_file() and not path.is_symlink()


def encoded_picture(png: bytes, width: int, height: int, alt: str) -> Html:
    """An img element that contains a PNG file. `alt` is the alternative text."""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return element("img", src=source, width=width, height=height, alt=alt)


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises an exception of Pillow if the PNG file is not valid."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        image.verify()
        return image.size


def sheets_section(sheets: list[Sheet], omitted: int) -> Html:
    """All sheets, with only the last one visible, and the slider that the script activates."""
    if not sheets:
        return element("p", "The run has no sample sheet that can be shown.")
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
    text = f"{len(sheets)} sample sheets of the run, all with the same random numbers."
    if omitted:
        text += f" {omitted:,} more sheets in samples/ are omitted."
    return join([_controls(len(sheets)), *figures, element("p", text)])


def _controls(count: int) -> Html:
    """The slider and the Play button. They are hidden until the script runs."""
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
        aria_label="sample sheet",
    )
    play = element("button", "Play", type="button", id="play")
    return element("div", range_, play, id="controls", hidden=True)


def _after(sheet: Sheet) -> str:
    return f"{sheet.iteration:,} iterations"


def _sheet(path: Path, largest: int) -> Sheet | None:
    try:
        png = read_whole(path, largest)
        return Sheet(int(path.stem), png, *size(png))
    except Exception:  # Pillow raises many exception types for damaged files
        return None
