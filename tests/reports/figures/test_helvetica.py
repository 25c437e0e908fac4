"""The picture of the Helvetica scenario shows both games, frame by frame, as they are played."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from minigan.backends import open_backend
from minigan.errors import UserError
from minigan.evaluation.modes import covered
from minigan.reports.figures import helvetica
from minigan.training import recipes
from minigan.training.experiment import Experiment
from minigan.training.pictures.scatter import scatter


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(helvetica, "EVERY", 3)
    monkeypatch.setattr(helvetica, "FRAMES", 2)


def test_each_frame_is_that_of_the_game_played_by_hand(short, tmp_path):
    told = helvetica.draw(tmp_path / "x.png", 2, quiet=True)
    picture = np.asarray(Image.open(tmp_path / "x.png"))
    assert picture.shape == (2 * 164 + 4, 2 * 164 + 4, 3)
    seen = np.zeros(picture.shape[:2], dtype=bool)
    for row, name in enumerate(("toy", "helvetica")):
        game, counts = Experiment.begin(recipes.load(name), 2, open_backend("cpu")), []
        data = game.data.validation
        for t in range(6):
            game.iterate(t)
            if t in (2, 5):
                samples, top, left = game.samples(1000), 4 + 164 * row, 4 + 164 * (t // 3)
                frame = picture[top : top + 160, left : left + 160]
                expected = scatter(samples, data.all(), 160, (-4.5, 4.5, -4.5, 4.5))
                np.testing.assert_array_equal(frame, expected)
                seen[top : top + 160, left : left + 160] = True
                counts.append(covered(samples, data.mixture).found)
        assert getattr(told, name) == tuple(counts)
    assert (picture[~seen] == 64).all()
    assert (told.iterations, told.of) == ((3, 6), 8)


def test_what_is_told_of_the_frames():
    told = helvetica.HelveticaSheets((150, 300), 8, (7, 8), (1, 0))
    assert str(told) == (
        "toy        7 8 of 8 modes found, after 150 to 300 iterations\n"
        "helvetica  1 0 of 8 modes found, after 150 to 300 iterations"
    )
    assert told.to_json() == {
        "iterations": (150, 300), "of": 8, "toy": (7, 8), "helvetica": (1, 0),
        "sentences": str(told),
    }  # fmt: skip


def test_another_kind_of_file_is_refused_before_anything_is_played(tmp_path):
    with pytest.raises(UserError, match=r"x\.gif must end in \.png"):
        helvetica.draw(tmp_path / "x.gif", 1, quiet=True)
    assert list(tmp_path.iterdir()) == []
