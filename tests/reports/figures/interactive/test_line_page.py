"""The page of Figure 1: one file without requests, with a button for each setting of its games."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from html_read import Read

from minigan import objectives
from minigan.errors import UserError
from minigan.reports.figures.interactive import line_page, recording
from minigan.reports.figures.line_game import LineSetting

FOLDER = Path(line_page.__file__).parent


@pytest.fixture
def games(monkeypatch):
    """A page of four games with two iterations each."""
    monkeypatch.setattr(recording, "ITERATIONS", 2)
    monkeypatch.setattr(recording, "FRAMES", 3)


def write(out: Path, **changes):
    settings = {"ks": (2, 1), "objectives": objectives.PAPER, "rates": (1.0,), "quiet": True}
    return line_page.write_page(out, 5, **(settings | changes))


def recorded_in(page: str):
    return json.loads(re.search(r'id="recorded">(.*?)</script>', page)[1])


@pytest.mark.usefixtures("games")
def test_the_page_has_the_recorded_game_of_each_combination_of_settings(tmp_path):
    found = write(tmp_path / "f.html")
    page = (tmp_path / "f.html").read_text("utf-8")
    recorded = recorded_in(page)
    assert recorded["games"] == [
        recording.record(5, LineSetting(k, objective, 1.0))
        for k in (2, 1)
        for objective in objectives.PAPER
    ]
    assert recorded["p_data"] == recording.density_of_data()
    first, shown = found.to_json()["games"][0], recorded["games"][0]["frames"][-1]
    assert f"{first['V']:.4f}".replace("-", "\N{MINUS SIGN}") == shown["V"]
    assert (first["JSD"], first["t"]) == (float(shown["JSD"]), shown["t"])
    lines = str(found).splitlines()
    assert len(lines) == len(found.to_json()["games"]) == 4
    assert lines[0].startswith("k 2, minimax, rates x 1: iteration 2: V \N{MINUS SIGN}")


def test_an_infinite_number_is_null_in_json():
    numbers = dict.fromkeys(line_page.NUMBERS, "\N{MINUS SIGN}0.5") | {
        "t": 3,
        "V": "\N{MINUS SIGN}∞",
    }
    game = {"k": 1, "objective": "minimax", "rate": 1.0, "failed": "", "frames": [numbers]}
    (found,) = line_page.RecordedGames(1, [game]).to_json()["games"]
    assert (found["V"], found["C"], found["t"]) == (None, -0.5, 3)


@pytest.mark.usefixtures("games")
def test_each_value_of_a_setting_has_one_button_with_its_first_game(tmp_path):
    write(tmp_path / "f.html")
    buttons = Read((tmp_path / "f.html").read_text("utf-8")).of("input")
    radios = [(one["name"], one["value"]) for one in buttons if one["type"] == "radio"]
    assert radios == [("k", "0"), ("k", "2"), ("objective", "0"), ("objective", "1"), ("rate", "0")]
    assert [one["value"] for one in buttons if "checked" in one] == ["0", "0", "0"]


@pytest.mark.usefixtures("games")
def test_the_page_needs_nothing_else_and_works_on_phones_and_in_dark_mode(tmp_path):
    write(tmp_path / "f.html", ks=(1,))
    page = (tmp_path / "f.html").read_text("utf-8")
    assert "default-src &#x27;none&#x27;" in page
    assert "width=device-width" in page
    assert "prefers-color-scheme: dark" in page
    for name in ("style.css", "script.js"):
        text = (FOLDER / name).read_text("utf-8")
        assert not re.search(r"https?:|url\(|@import|</|innerHTML|eval|fetch", text)


def test_every_element_that_the_script_names_is_on_the_page():
    game = {"k": 1, "objective": "minimax", "rate": 1.0, "failed": "", "frames": []}
    page = line_page.page_of_games([game]).decode()
    script = (FOLDER / "script.js").read_text("utf-8")
    names = set(re.findall(r'getElementById\("([\w-]+)"\)', script))
    names |= {
        f"number-{one}"
        for one in re.search(r'\["t", .*?\]', script)[0].strip("[]").replace('"', "").split(", ")
    }
    names |= {"p_g", "D", "D_star"}
    assert len(names) > 10
    assert {name for name in names if f'id="{name}"' not in page} == set()


def test_a_file_name_in_the_data_cannot_end_the_script():
    game = {"k": 1, "objective": "</script>", "rate": 1.0, "failed": "", "frames": []}
    page = line_page.page_of_games([game]).decode()
    assert page.count("</script>") == 2
    assert recorded_in(page)["games"] == [game]


@pytest.mark.parametrize(
    ("name", "words"),
    [("f.htm", "must end in .html"), ("no/f.html", "the folder .* does not exist")],
)
def test_a_wrong_path_is_refused_before_the_first_game(tmp_path, name, words, monkeypatch):
    monkeypatch.setattr(recording, "record", None)
    with pytest.raises(UserError, match=words):
        write(tmp_path / name)
