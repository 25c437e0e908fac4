"""The sample sheet shows what the state generates from the same noise every time."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tiny
from PIL import Image
from runs_of import train

from minigan.training import pictures


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of six iterations, logged every 2, saved every 3."""
    return train(tmp_path_factory.mktemp("finished") / "run")


def test_a_sheet_shows_100_samples_on_the_same_noise_every_time(finished):
    game = tiny.experiment()
    for t in (0, 3, 6):
        data = (finished.run.path / "samples" / f"{t:08d}.png").read_bytes()
        expected = pictures.sheet(game.samples(100), 8, 8)
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), expected)
        for step in range(t, t + 3):
            game.iterate(step)
