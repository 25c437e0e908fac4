"""Figure 1 is drawn from a training run, is reproducible, and rejects wrong files at once."""

from __future__ import annotations

import io
import json
import math
import sys

import pytest
from PIL import Image

from minigan.errors import UserError
from minigan.reports.figures import figure1, line_game, line_steps
from minigan.reports.figures.figure1 import Panels
from minigan.schedules import Constant


@pytest.fixture
def short(monkeypatch):
    """Training runs of 4 iterations, and 20 small steps of D towards D*."""
    to_D_star = line_steps.to_D_star
    monkeypatch.setattr(line_game, "ITERATIONS", 4)
    monkeypatch.setattr(line_steps, "RATE_OF_D", Constant(0.001))
    monkeypatch.setattr(line_steps, "to_D_star", lambda at: to_D_star(at, 20))


@pytest.fixture
def no_training(monkeypatch):
    """Makes the test fail if the training starts."""

    def run_game(seed):
        raise AssertionError

    monkeypatch.setattr(line_game, "run_game", run_game)


@pytest.mark.usefixtures("short")
def test_the_panels_show_the_four_states_of_the_docstring(tmp_path, monkeypatch):
    monkeypatch.setattr(figure1, "NEAR", 0.35)  # reached before the last iteration
    panels = figure1.draw(0, tmp_path / "f.png", quiet=True)
    a, b, c, d = panels.a, panels.b, panels.c, panels.d
    jsd = {}
    for t, game in line_game.run_game(0):
        jsd[t] = line_game.snapshot(t, game.player_g.theta, game.player_d.theta).jsd
    assert a.t == min(t for t, one in jsd.items() if one < 0.35) < 4
    assert d.t == 4
    assert (a.jsd, d.jsd) == (jsd[a.t], jsd[4])
    assert (b.theta_g == a.theta_g).all()
    assert b.V > a.V
    assert (c.theta_d == b.theta_d.astype(c.theta_d.dtype)).all()
    assert c.t > b.t == a.t


@pytest.mark.usefixtures("short")
def test_if_JSD_stays_high_panel_a_shows_the_last_iteration(tmp_path, monkeypatch):
    monkeypatch.setattr(figure1, "NEAR", 0.0)
    panels = figure1.draw(0, tmp_path / "f.png", quiet=True)
    assert panels.a.t == panels.d.t == 4


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("suffix", [".png", ".svg", ".PDF"])
def test_equal_seeds_give_equal_numbers_and_equal_files(tmp_path, suffix):
    files = [tmp_path / f"{i}{suffix}" for i in range(3)]
    first, again, other = (figure1.draw(i // 2, out, quiet=True) for i, out in enumerate(files))
    assert first.to_json() == again.to_json()
    assert first.to_json() != other.to_json()
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].read_bytes() != files[2].read_bytes()


@pytest.mark.usefixtures("short")
def test_the_animation_shows_all_iterations_and_changes_no_number(tmp_path):
    animations = [tmp_path / "0.png", tmp_path / "1.png"]
    panels = [figure1.draw(0, tmp_path / "f.png", one, quiet=True) for one in animations]
    assert panels[0].to_json() == figure1.draw(0, tmp_path / "g.png", quiet=True).to_json()
    assert animations[0].read_bytes() == animations[1].read_bytes()
    assert (tmp_path / "f.png").read_bytes() == (tmp_path / "g.png").read_bytes()
    with Image.open(io.BytesIO(animations[0].read_bytes())) as image:
        assert image.n_frames == 5  # 0 to 4


@pytest.mark.usefixtures("short")
def test_progress_is_shown_unless_quiet(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("minigan.training.progress.SECONDS_BETWEEN_PLAIN_LINES", 0.0)
    figure1.draw(0, tmp_path / "f.png")
    assert "4/4 iterations" in capsys.readouterr().err
    figure1.draw(0, tmp_path / "f.png", quiet=True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", ["f.jpg", "f", "f.png.gz"])
def test_a_wrong_suffix_raises_an_error_before_training(tmp_path, name):
    with pytest.raises(UserError, match=r"must end in \.png, \.svg or \.pdf"):
        figure1.draw(0, tmp_path / name, quiet=True)
    with pytest.raises(UserError, match=r"must end in \.png: the animation is an animated PNG"):
        figure1.draw(0, tmp_path / "f.png", tmp_path / "animation.svg", quiet=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_training")
def test_a_missing_folder_raises_an_error_before_training(tmp_path):
    missing = tmp_path / "missing" / "f.png"
    with pytest.raises(UserError, match=r"the folder .* does not exist"):
        figure1.draw(0, missing, quiet=True)
    with pytest.raises(UserError, match=r"the folder .* does not exist"):
        figure1.draw(0, tmp_path / "f.png", missing, quiet=True)


@pytest.mark.usefixtures("no_training")
def test_without_matplotlib_the_error_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UserError, match=r"pip install matplotlib"):
        figure1.draw(0, tmp_path / "f.png", quiet=True)


@pytest.mark.usefixtures("short")
def test_the_numbers_are_available_as_text_and_as_json(tmp_path):
    panels = figure1.draw(0, tmp_path / "f.png", quiet=True)
    assert isinstance(panels, Panels)
    numbers = json.loads(json.dumps(panels.to_json()))
    assert list(numbers) == ["a", "b", "c", "d"]
    assert math.isclose(numbers["d"]["C"], 2 * numbers["d"]["jsd"] - math.log(4))
    assert numbers["b"]["distance_to_D_star"] == dict(
        zip(("mean", "largest"), panels.b.distance(panels.b.D_star), strict=True)
    )
    lines = str(panels).splitlines()
    assert [line[:4] for line in lines] == ["(a) ", "(b) ", "(c) ", "(d) "]
    assert f"{numbers['b']['distance_to_D_star']['largest']:.4f}" in lines[1]
    assert f"JSD {numbers['d']['jsd']:.4f} nats" in lines[3]
