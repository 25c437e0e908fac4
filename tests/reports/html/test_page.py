"""The HTML page of a run: its header and its sections."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from html_read import EVIL, Read

from minigan.reports.html import page
from minigan.reports.html.history import BestCheckpoint, History
from minigan.reports.html.markup import Html, element

LINES = [{"iteration": t, "seconds": t / 2, "V": -1.0} for t in (1, 2)]


def history(**changes):
    facts = {"seed": 7, "data": {"set": "digits"}, "device": "cpu", "minigan": "0.1"}
    one = History(
        path=Path("runs/run"),
        recipe=tiny.recipe(),
        environment=facts,
        lines=LINES,
        checkpoints=["last", "best", "5"],
        states={},
        damaged={},
        iteration=6,
        best=BestCheckpoint(3, "validation_distance", 1.25),
        training=False,
        data=None,
        data_error="",
    )
    return replace(one, **changes)


def example_page():
    return page.page("t", Html("<h1>t</h1>"), [("a", element("p", "b")), ("c", Html(""))])


def test_style_and_script_contain_no_address_and_no_end_tag():
    for name in ("style.css", "script.js"):
        text = (Path(page.__file__).parent / name).read_text("utf-8")
        assert not re.search(r"https?:|//\w+\.\w|url\(|@import|</|innerHTML|eval", text)


def test_the_page_supports_all_screens_and_omits_empty_sections():
    text = example_page().decode()
    assert text.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')
    read = Read(text)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in read.of("meta")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert len(read.of("section")) == 1


def test_the_header_contains_recipe_seed_iterations_time_and_end():
    text = Read(page.header(history(), "8 of 8 modes found")).text
    assert text == (
        "runFinished: all 6 iterations.recipetinyseed7iterations6time1.0 sdatadigitsdevicecpu"
        "minigan0.11,000 samples of the last checkpoint: 8 of 8 modes found."
    )
    assert "samples" not in page.header(history(), None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.21, "3.2 s"),
        (59.94, "59.9 s"),
        (65, "1 min 5 s"),
        (3600, "1 h 0 min"),
        (7380, "2 h 3 min"),
    ],
)
def test_a_duration_has_suitable_units(seconds, text):
    assert page.duration(seconds) == text


def test_the_best_checkpoint_is_described_and_marked_in_its_curve():
    text = Read(page.checkpoints_section(history())).text
    assert (
        "best.npz, is of iteration 3. Its validation_distance on validation examples is 1.25."
    ) in text
    assert (
        "Available checkpoints: last, best, 5. To draw samples: "
        "minigan sample runs/run --checkpoint best"
    ) in text
    lines = [{"iteration": t, "validation_distance": 1.0 / t, "V": -1.0} for t in (3, 6)]
    assert page.curves_section(history(lines=lines)).count('class="mark"') == 1
    others = [{"iteration": t, "V": -1.0 / t} for t in (3, 6)]
    assert 'class="mark"' not in page.curves_section(history(lines=others))
    none = history(best=None, checkpoints=["last"], iteration=None)
    assert "No best checkpoint was selected." in page.checkpoints_section(none)
    assert "no checkpoint" in page.checkpoints_section(history(checkpoints=[]))


@pytest.mark.parametrize(
    ("damaged", "command"),
    [
        ({"last": "it is cut"}, "To draw samples: minigan sample runs/run --checkpoint best"),
        ({"best": "it is cut"}, "To draw samples: minigan sample runs/run --checkpoint last"),
        (dict.fromkeys(("last", "best"), "it is cut"), "minigan sample runs/run --checkpoint 5"),
        (dict.fromkeys(("last", "best", "5"), "it is cut"), "last, best, 5."),
    ],
)
def test_a_damaged_checkpoint_is_a_warning_and_the_command_uses_another(damaged, command):
    text = Read(page.checkpoints_section(history(damaged=damaged, best=None))).text
    assert text.count("Warning: it is cut.") == len(damaged)
    assert text.endswith(command)
    assert "The best checkpoint is best.npz." in text


def test_every_number_of_the_log_is_in_the_table():
    lines = [{"iteration": 50, "V": -1.25, "list": [1, "<"]}, {"iteration": 100, "modes": 7}]
    text = Read(page.log_section(lines)).text
    assert text == '2 linesiterationVlistmodes50\N{MINUS SIGN}1.25[1, "<"]1007'


def test_a_large_log_is_reduced_to_two_thousand_lines_and_points():
    lines = [{"iteration": t, "V": -1.0 / (1 + t % 7)} for t in range(100_000)]
    table = page.log_section(lines)
    assert table.count("<tr>") == 2001
    assert "2,000 lines, evenly spaced in log.jsonl; 98,000 lines are omitted" in table
    assert ">99,999</td>" in table
    section = page.curves_section(history(lines=lines))
    assert "At most 2,000 of 100,000 points are drawn: in each interval" in section
    assert len(section) < 500_000


def test_constant_fields_are_stated_and_not_drawn():
    lines = [{"iteration": t, "V": -1.0 / t, "mu": 0.5, "D_x": 0.75, "D_Gz": 0.25} for t in (1, 2)]
    section = page.curves_section(history(lines=lines, best=None))
    assert len(Read(section).of("svg")) == 1
    assert (
        "Constant in all log lines: mean of D(x) and D(G(z)): D(x) 0.75, D(G(z)) 0.25; "
        "momentum mu of G: mu 0.5."
    ) in Read(section).text
    # One line is drawn as a point, and a section of constant fields has no chart.
    assert len(Read(page.curves_section(history(lines=lines[:1]))).of("svg")) == 3
    only = [{"iteration": t, "mu": 0.5} for t in (1, 2)]
    assert Read(page.curves_section(history(lines=only))).of("svg") == []


def test_an_empty_log_is_reported():
    assert "Nothing has been logged yet." in page.curves_section(history(lines=[]))
    assert page.log_section([]) == ""


def test_names_from_files_are_escaped():
    lines = [{"iteration": 1, EVIL: 1.0, "words": EVIL}]
    facts = {"seed": 7, "data": {"set": EVIL}, "device": EVIL, "minigan": EVIL}
    evil = history(lines=lines, environment=facts, path=Path(EVIL.replace("/", "")), best=None)
    parts = [
        page.header(evil, EVIL),
        page.curves_section(evil),
        page.checkpoints_section(evil),
        page.log_section(lines),
    ]
    assert Read("".join(parts)).of("script") == []
    assert len(Read(page.page(EVIL, *[parts[0]], [(EVIL, parts[1])]).decode()).of("script")) == 1


def test_the_size_of_the_log_does_not_grow_with_the_square_of_its_fields():
    lines = [{"iteration": t, f"field {t}": 1.0} for t in range(1, 2001)]
    section = page.log_section(lines)
    assert "; 1,921 fields are omitted" in section
    assert len(section) < 300 * len(lines) * 10
