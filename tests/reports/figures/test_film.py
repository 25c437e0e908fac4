"""The film of a game shows its moments in order, C(G) growing beside them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from minigan.reports.figures import film, line_game


@pytest.fixture(scope="module")
def shots():
    """The game of seed 0 after 0, 1, 2 and 3 iterations."""
    found = []
    for t, game in line_game.play(0):
        found.append(line_game.snapshot(t, game.player_g.theta, game.player_d.theta))
        if t == 3:
            return found
    raise AssertionError


def test_the_frames_go_from_the_first_iteration_to_the_last_and_lie_closer_at_the_start():
    moments = film.moments()
    assert (moments[0], moments[-1]) == (0, line_game.ITERATIONS)
    assert len(moments) <= film.FRAMES
    steps = np.diff(moments)
    assert (steps > 0).all()
    assert steps[0] < steps[-1]


def test_the_animation_holds_each_frame_in_order(shots):
    data = film.animated(shots[:3])
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 3
        for i in range(3):
            image.seek(i)
            np.testing.assert_array_equal(np.asarray(image), film.frame(shots[:3], i))


def test_a_frame_has_the_size_and_the_few_levels_that_keep_the_file_small(shots):
    frame = film.frame(shots, 2)
    assert frame.shape == (290, 640, 3)
    assert frame.dtype == np.uint8
    assert set(np.unique(frame).tolist()) <= set(range(0, 256, 17))


def test_a_frame_tells_nothing_of_what_comes_after_it(shots):
    same_end = [shots[0], shots[1], shots[3]], [shots[0], shots[2], shots[3]]
    first, second = (film.frame(some, 0) for some in same_end)
    np.testing.assert_array_equal(first, second)
    assert (film.frame(same_end[0], 2) != film.frame(same_end[1], 2)).any()
