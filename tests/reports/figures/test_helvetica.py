"""The picture of the Helvetica scenario shows the frames of both training runs."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from minigan.backends import open_backend
from minigan.errors import UserError
from minigan.evaluation.modes import mode_coverage
from minigan.reports.figures import helvetica
from minigan.training import recipes
from minigan.training.experiment import Experiment
from minigan.training.pictures.scatter import scatter


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(helvetica, "EVERY", 3)
    monkeypatch.setattr(helvetica, "FRAMES", 2)


def record_noise(monkeypatch, game):
    """The bytes of the noise z behind each update of D and G, in the order of the updates."""
    noise = []

    def recorded(update, trace):
        def with_record(g):
            noise.append(trace.layers[0].x.tobytes())
            update(g)

        return with_record

    ascend = recorded(game.player_d.ascend, game.trace_G)
    descend = recorded(game.player_g.descend, game.trace_G_step)
    monkeypatch.setattr(game.player_d, "ascend", ascend)
    monkeypatch.setattr(game.player_g, "descend", descend)
    return noise


def test_each_frame_agrees_with_a_separate_training_run(short, tmp_path, monkeypatch):
    sheets = helvetica.draw(tmp_path / "x.png", 2, quiet=True)
    picture = np.asarray(Image.open(tmp_path / "x.png"))
    assert picture.shape == (3 * 164 + 4, 2 * 164 + 4, 3)
    covered = np.zeros(picture.shape[:2], dtype=bool)
    penalty = ["discriminator.penalty=R1R2", "discriminator.penalty_weight=1.0"]
    runs = (("toy", "toy", 1, []), ("helvetica", "helvetica", 10, []))
    for row, (field, name, g_steps, changes) in enumerate(
        (*runs, ("penalty", "helvetica", 10, penalty))
    ):
        run, counts = Experiment.begin(recipes.load(name, changes), 2, open_backend("cpu")), []
        data, noise = run.data.validation, record_noise(monkeypatch, run.game)
        for t in range(6):
            run.iterate(t)
            if t in (2, 5):
                samples, top, left = run.samples(1000), 4 + 164 * row, 4 + 164 * (t // 3)
                frame = picture[top : top + 160, left : left + 160]
                expected = scatter(samples, data.all(), 160, (-4.5, 4.5, -4.5, 4.5))
                np.testing.assert_array_equal(frame, expected)
                covered[top : top + 160, left : left + 160] = True
                counts.append(mode_coverage(samples, data.mixture).found)
        assert getattr(sheets, field) == tuple(counts)
        assert len(noise) == len(set(noise)) == 6 * (1 + g_steps)  # each update has its own noise
    assert (picture[~covered] == 64).all()
    assert (sheets.iterations, sheets.of) == ((3, 6), 8)


def test_the_text_and_the_json_contain_the_numbers():
    sheets = helvetica.HelveticaSheets((150, 300), 8, (7, 8), (1, 0), (3, 8))
    assert str(sheets) == (
        "toy        7 8 of 8 modes found, after 150 to 300 iterations\n"
        "helvetica  1 0 of 8 modes found, after 150 to 300 iterations\n"
        "penalty    3 8 of 8 modes found, after 150 to 300 iterations"
    )
    assert sheets.to_json() == {
        "iterations": (150, 300), "of": 8, "toy": (7, 8), "helvetica": (1, 0), "penalty": (3, 8),
        "sentences": str(sheets),
    }  # fmt: skip


def test_a_wrong_suffix_raises_an_error_before_training(tmp_path):
    with pytest.raises(UserError, match=r"x\.gif must end in \.png"):
        helvetica.draw(tmp_path / "x.gif", 1, quiet=True)
    assert list(tmp_path.iterdir()) == []
