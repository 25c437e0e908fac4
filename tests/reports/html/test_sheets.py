"""The section with the sample sheets, which are embedded unchanged."""

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


def test_a_few_sheets_are_all_read_unchanged(folder):
    found, omitted = sheets.read(folder)
    assert iterations(found) == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]
    assert [sheet.png for sheet in found] == [png(i) for i in range(10)]
    assert omitted == 0
    assert (found[0].width, found[0].height) == (4, 3)


@pytest.mark.parametrize(
    ("most", "chosen"), [(4, [0, 300, 600, 900]), (2, [0, 900]), (1, [900]), (0, [])]
)
def test_many_sheets_are_reduced_to_evenly_spaced_ones(folder, most, chosen):
    found, omitted = sheets.read(folder, most=most)
    assert iterations(found) == chosen
    assert omitted == 10 - len(chosen)


def test_the_total_size_has_a_limit(folder):
    largest = max(path.stat().st_size for path in folder.glob("*.png"))
    found, omitted = sheets.read(folder, largest=3 * largest)
    assert iterations(found) == [0, 400, 900]
    assert sum(len(sheet.png) for sheet in found) <= 3 * largest
    assert omitted == 7
    assert sheets.read(folder, largest=largest - 1)[0] == []


def test_the_limits_are_sixty_sheets_and_twenty_million_bytes_of_base64(folder):
    assert sheets.MOST == 60
    assert len(base64.b64encode(bytes(sheets.LARGEST))) == 20_000_000
    for i in range(10, 200):
        (folder / f"{100 * i:08d}.png").write_bytes(png(i))
    found, omitted = sheets.read(folder)
    assert len(found) == 60
    assert omitted == 140


def test_files_that_are_not_valid_sheets_are_omitted(folder):
    (folder / "00000100.png").write_bytes(png(1)[:-20])
    (folder / "00000200.png").write_bytes(b"")
    (folder / "00000300.png").write_bytes(b"GIF89a")
    (folder / "notes.png").write_bytes(png(1))
    (folder / "00000400.png").unlink()
    (folder / "00000400.png").symlink_to(folder / "nowhere")
    found, omitted = sheets.read(folder)
    assert iterations(found) == [0, 500, 600, 700, 800, 900]
    assert omitted == 3
    assert sheets.read(folder / "nowhere") == ([], 0)


def test_sheets_are_sorted_by_number_also_beyond_eight_digits(tmp_path):
    for name in ("99999999", "100000000"):
        (tmp_path / f"{name}.png").write_bytes(png(1))
    assert iterations(sheets.read(tmp_path)[0]) == [99_999_999, 100_000_000]


def test_all_sheets_are_embedded_and_only_the_last_is_visible_without_a_script(folder):
    found, _ = sheets.read(folder, most=4)
    read = Read(sheets.sheets_section(found, omitted=6))
    figures = read.of("figure", "sheet")
    assert ["hidden" in figure for figure in figures] == [True, True, True, False]
    for sheet, image in zip(found, read.of("img"), strict=True):
        kind, data = image["src"].split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data) == sheet.png
        assert (image["width"], image["height"]) == ("4", "3")
        assert image["alt"] == f"samples after {sheet.iteration:,} iterations"
    assert "4 sample sheets of the run" in read.text
    assert "6 more sheets in samples/ are omitted" in read.text


def test_the_slider_has_a_step_per_sheet_and_is_hidden_until_the_script_runs(folder):
    read = Read(sheets.sheets_section(*sheets.read(folder)))
    (slider,) = read.of("input")
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "9", "9")
    assert slider["aria-label"]
    assert [a for _, a in read.elements if a.get("id") == "controls"] == [
        {"id": "controls", "hidden": None}
    ]


def test_one_sheet_has_no_slider_and_a_run_without_sheets_is_reported(folder):
    assert Read(sheets.sheets_section(*sheets.read(folder, most=1))).of("input") == []
    assert "no sample sheet" in sheets.sheets_section([], 3)
