"""The animation shows the iterations in order, with C(G) up to each of them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from minigan.reports.figures import line_animation, line_game


@pytest.fixture(scope="module")
def shots():
    """Snapshots of the run with seed 0 after 0, 1, 2 and 3 iterations."""
    found = []
    for t, game in line_game.run_game(0):
        found.append(line_game.snapshot(t, game.player_g.theta, game.player_d.theta))
        if t == 3:
            return found
    raise AssertionError


def test_the_animation_contains_all_frames_in_order(shots):
    data = line_animation.animated_png(shots[:3])
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 3
        for i in range(3):
            image.seek(i)
            np.testing.assert_array_equal(np.asarray(image), line_animation.frame(shots[:3], i))


def test_a_frame_has_the_expected_size_and_16_levels_per_channel(shots):
    frame = line_animation.frame(shots, 2)
    assert frame.shape == (290, 640, 3)
    assert frame.dtype == np.uint8
    assert set(np.unique(frame).tolist()) <= set(range(0, 256, 17))


def test_a_frame_does_not_depend_on_later_snapshots(shots):
    sequences = [shots[0], shots[1], shots[3]], [shots[0], shots[2], shots[3]]
    first, second = (line_animation.frame(one, 0) for one in sequences)
    np.testing.assert_array_equal(first, second)
    last = [line_animation.frame(one, 2) for one in sequences]
    assert (last[0] != last[1]).any()
