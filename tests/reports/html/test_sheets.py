"""The sample sheets in the page, to the byte."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from html_read import Read

from minigan.reports.html import sheets
from minigan.training import pictures


def png(shade, side=3):
    return pictures.png(np.full((side, side + 1), shade, dtype=np.uint8))


@pytest.fixture
def folder(tmp_path):
    """Ten sheets, after 0, 100, ..., 900 iterations."""
    for i in range(10):
        (tmp_path / f"{100 * i:08d}.png").write_bytes(png(i))
    return tmp_path


def iterations(found):
    return [sheet.iteration for sheet in found]


def test_few_sheets_are_all_there_to_the_byte(folder):
    found, left_out = sheets.read(folder)
    assert iterations(found) == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]
    assert [sheet.png for sheet in found] == [png(i) for i in range(10)]
    assert left_out == 0
    assert (found[0].width, found[0].height) == (4, 3)


@pytest.mark.parametrize(
    ("most", "chosen"), [(4, [0, 300, 600, 900]), (2, [0, 900]), (1, [900]), (0, [])]
)
def test_of_many_sheets_some_are_spread_evenly_with_the_first_and_the_last(folder, most, chosen):
    found, left_out = sheets.read(folder, most=most)
    assert iterations(found) == chosen
    assert left_out == 10 - len(chosen)


def test_the_bytes_of_all_together_have_a_limit(folder):
    largest = max(path.stat().st_size for path in folder.glob("*.png"))
    found, left_out = sheets.read(folder, largest=3 * largest)
    assert iterations(found) == [0, 400, 900]
    assert sum(len(sheet.png) for sheet in found) <= 3 * largest
    assert left_out == 7
    assert sheets.read(folder, largest=largest - 1)[0] == []


def test_the_limits_are_sixty_sheets_and_twenty_million_bytes_of_base64(folder):
    assert sheets.MOST == 60
    assert len(base64.b64encode(bytes(sheets.LARGEST))) == 20_000_000
    for i in range(10, 200):
        (folder / f"{100 * i:08d}.png").write_bytes(png(i))
    found, left_out = sheets.read(folder)
    assert len(found) == 60
    assert left_out == 140


def test_what_is_no_sheet_is_left_out(folder):
    (folder / "00000100.png").write_bytes(png(1)[:-20])
    (folder / "00000200.png").write_bytes(b"")
    (folder / "00000300.png").write_bytes(b"GIF89a")
    (folder / "notes.png").write_bytes(png(1))
    (folder / "00000400.png").unlink()
    (folder / "00000400.png").symlink_to(folder / "nowhere")
    found, left_out = sheets.read(folder)
    assert iterations(found) == [0, 500, 600, 700, 800, 900]
    assert left_out == 3
    assert sheets.read(folder / "nowhere") == ([], 0)


def test_later_sheets_come_later_also_beyond_eight_digits(tmp_path):
    for name in ("99999999", "100000000"):
        (tmp_path / f"{name}.png").write_bytes(png(1))
    assert iterations(sheets.read(tmp_path)[0]) == [99_999_999, 100_000_000]


def test_the_page_holds_every_sheet_and_shows_the_last_without_a_script(folder):
    found, _ = sheets.read(folder, most=4)
    read = Read(sheets.sheets_section(found, left_out=6))
    figures = read.of("figure", "sheet")
    assert ["hidden" in figure for figure in figures] == [True, True, True, False]
    for sheet, image in zip(found, read.of("img"), strict=True):
        kind, data = image["src"].split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data) == sheet.png
        assert (image["width"], image["height"]) == ("4", "3")
        assert image["alt"] == f"samples after {sheet.iteration:,} iterations"
    assert "4 of the run's sheets" in read.text
    assert "6 more are in samples/" in read.text


def test_the_slider_has_a_step_per_sheet_and_waits_for_the_script(folder):
    read = Read(sheets.sheets_section(*sheets.read(folder)))
    (slider,) = read.of("input")
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "9", "9")
    assert slider["aria-label"]
    assert [a for _, a in read.elements if a.get("id") == "controls"] == [
        {"id": "controls", "hidden": None}
    ]


def test_one_sheet_needs_no_slider_and_none_is_said(folder):
    assert Read(sheets.sheets_section(*sheets.read(folder, most=1))).of("input") == []
    assert "no sample sheet" in sheets.sheets_section([], 3)
