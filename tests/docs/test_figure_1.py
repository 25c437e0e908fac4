"""docs/figure-1.html is the page that `minigan figure 1 --html` writes today.

The page contains its recorded games, so everything but the games is built again from them. The
games are compared in their settings and their first frames: all frames take half a minute.
"""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from minigan.objectives import OBJECTIVES
from minigan.reports.figures import line_game
from minigan.reports.figures.interactive.line_page import page_of_games
from minigan.reports.figures.interactive.recording import frame_numbers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "figure-1.html"
COMMAND = "run minigan figure 1 --html docs/figure-1.html and commit the page"
SEED = 0  # the default of the command
COMPARED = 4  # iterations


@pytest.fixture(scope="module")
def games() -> list[dict[str, Any]]:
    found = re.search(r'id="recorded">(.*?)</script>', PAGE.read_text("utf-8"))
    assert found is not None
    recorded: list[dict[str, Any]] = json.loads(found[1])["games"]
    return recorded


def test_the_page_is_that_of_its_recorded_games(games: list[dict[str, Any]]) -> None:
    assert page_of_games(games) == PAGE.read_bytes(), COMMAND


def test_the_games_have_the_settings_of_the_command_in_its_order(
    games: list[dict[str, Any]],
) -> None:
    settings = [(game["k"], game["objective"], game["rate"]) for game in games]
    assert settings == list(product((5, 1), ("non_saturating", "minimax"), (1.0, 0.25)))


def test_the_first_frames_of_the_games_are_those_of_a_game_played_now(
    games: list[dict[str, Any]],
) -> None:
    for recorded in games[::3]:
        setting = line_game.LineSetting(
            recorded["k"], OBJECTIVES[recorded["objective"]], recorded["rate"]
        )
        frames = {frame["t"]: frame for frame in recorded["frames"]}
        for t, game in line_game.run_game(SEED, setting):
            if t in frames:
                shot = line_game.snapshot(t, game.player_g.theta, game.player_d.theta)
                now = frame_numbers(shot)
                # Another BLAS kernel may round the last digit differently.
                assert numbers(now) == pytest.approx(numbers(frames[t]), abs=1.01), COMMAND
            if t == COMPARED:
                break


def numbers(frame: dict[str, Any]) -> list[float]:
    """The numbers of a frame in units of their last digit."""
    texts = [frame[name] for name in ("V", "C", "JSD", "distance", "D_Gz")]
    units = [1e4 * float(text.replace("−", "-")) for text in texts]  # noqa: RUF001
    return [*units, *frame["p_g"], *frame["D"], *frame["x"]]
