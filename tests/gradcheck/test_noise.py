"""The noise of staircases on smooth functions, compared with the size of their stairs."""

import math

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.noise import has_jump, is_staircase, rounding_noise
from minigan.gradcheck.numeric import noise_of
from minigan.gradcheck.pair import Line, pair_at


def line_of(forward, x):
    """The line of the first entry of x, with dy = 1."""
    functions, leaves = function_pair(forward, lambda dy, x: dy, (np.asarray(x),), {}, None, None)
    pair = pair_at(functions, leaves, 0)
    pair.dy[...] = 1.0
    return Line(pair, 0, 0)


def stairs(width, x):
    return width * np.floor(x / width)


@pytest.mark.parametrize("width", [1.3 * 2.0**-p for p in (12, 16, 21, 24, 30)])
@pytest.mark.parametrize("smooth", [lambda x: x, lambda x: x**2, lambda x: -7 * np.sin(x)])
def test_the_noise_of_stairs_on_a_smooth_function_is_their_height(width, smooth):
    x = 0.7 + 0.4 * width
    (noise,) = rounding_noise(line_of(lambda x: smooth(x) + stairs(width, x), [x]))
    assert width / 2 <= noise <= 8 * width


@pytest.mark.parametrize("smooth", [
    np.tanh,
    lambda x: 2 * x + np.abs(x - 0.7 - 1e-5),  # a kink near x
    lambda x: x + 1e-6 * np.sin(1e6 * x),  # a wave
    lambda x: x + np.where(x > 0.7 - 1e-6, 1.0, 0.0),  # a jump on one side only
])  # fmt: skip
def test_a_function_without_stairs_keeps_small_noise(smooth):
    (noise,) = rounding_noise(line_of(smooth, [0.7]))
    assert noise < 1e-12


def test_a_linear_function_has_the_least_noise_and_is_searched_after_three_steps(monkeypatch):
    calls = []

    def is_staircase(line, d, j, noise):
        calls.append((d, j))
        return False

    monkeypatch.setattr("minigan.gradcheck.noise.is_staircase", is_staircase)
    (noise,) = rounding_noise(line_of(lambda x: 2 * x, [0.75]))
    assert noise == 1.5 * np.finfo(np.longdouble).eps
    assert calls == [(2.0**-11, 0)]


def test_the_noise_of_one_entry_does_not_hide_that_of_another():
    def forward(x):
        return np.array([x[0], x[0] + stairs(2.0**-20, x[0]), 3 * x[0] + stairs(2.0**-16, x[0])])

    noise = rounding_noise(line_of(forward, [0.7 + 2.0**-22]))
    assert 2.0**-21 <= noise[1] <= 2.0**-14
    assert 2.0**-17 <= noise[2] <= 2.0**-13


def test_a_jump_is_found_if_it_is_large_and_near_enough():
    near = line_of(lambda x: 2 * x + np.where(x > 0.5 + 2.0**-7, 0.25, 0.0), [0.5])
    assert has_jump(near, 2.0**-10, 0, 0.249)
    assert not has_jump(near, 2.0**-10, 0, 0.251)
    assert not has_jump(near, -(2.0**-10), 0, 1e-6)  # it is on the other side
    assert has_jump(near, 2.0**-24, 0, 0.249)
    assert not has_jump(near, 2.0**-26, 0, 1e-6)  # it is farther away than 2**18 steps
    far = line_of(lambda x: 2 * x + np.where(x > 0.75, 0.25, 0.0), [0.5])
    assert not has_jump(far, 2.0**-10, 0, 1e-6)  # it is farther away than 2**-5


def test_a_jump_is_searched_for_between_d_and_its_reach_on_one_side_of_x():
    for d, reach in ((2.0**-10, 2.0**-5), (2.0**-30, 2.0**-12), (-(2.0**-30), -(2.0**-12))):
        visited = []

        def forward(x, visited=visited, d=d):
            visited.append(float(x[0]) - 0.5)
            return 2 * x + np.where(abs(x - 0.5) > 1.5 * abs(d), 0.25, 0.0)

        line = line_of(forward, [0.5])
        visited.clear()
        assert has_jump(line, d, 0, 0.2)
        assert visited[:3] == [d, d, reach]
        assert len(visited) == 3 + 32
        assert all(d <= t <= reach or reach <= t <= d for t in visited)


def test_a_jump_of_exactly_the_size_or_on_the_other_side_of_d_does_not_count():
    near = line_of(lambda x: 2 * x + np.where(x > 0.5 + 2.0**-7, 0.25, 0.0), [0.5])
    assert not has_jump(near, 2.0**-10, 0, 0.25)
    before = line_of(lambda x: 2 * x + np.where(x < 0.5 - 2.0**-11, 0.25, 0.0), [0.5])
    assert not has_jump(before, 2.0**-10, 0, 1e-6)


def test_the_search_ends_where_no_jump_can_be_left():
    visited = []

    def forward(x):
        visited.append(float(x[0]))
        return np.abs(x - 0.5 - 2.0**-9)

    line = line_of(forward, [0.5])
    visited.clear()
    assert not has_jump(line, 2.0**-10, 0, 2.0**-10)
    assert len(visited) <= 3 + 8


def test_both_sides_are_searched_for_a_jump_of_a_part_of_the_noise(monkeypatch):
    calls = []

    def has_jump(line, d, j, size):
        calls.append((d, j, size))
        return True

    monkeypatch.setattr("minigan.gradcheck.noise.has_jump", has_jump)
    assert is_staircase(None, 2.0**-12, 3, 256.0)
    assert calls == [(2.0**-12, 3, 1.0), (-(2.0**-12), 3, 1.0)]


@pytest.mark.parametrize("found", [True, False])
def test_stairs_are_looked_for_once_in_the_loudest_entry_that_has_fallen(monkeypatch, found):
    calls = []

    def is_staircase(line, d, j, noise):
        calls.append((d, j, noise))
        return found

    monkeypatch.setattr("minigan.gradcheck.noise.is_staircase", is_staircase)
    middle, loud = 2.0**-12, np.array([1.0, 4.0, 16.0])

    def forward(x):
        d = float(x[0]) - middle
        power = round(-math.log2(abs(d))) if d else 99
        # Entries 0 and 1 are loud at 2**-5 and 2**-8, and then move evenly; entry 2 stays loud.
        noise = np.where(power <= 8, loud, [0.0, 0.0, 16.0]) if d else np.zeros(3)
        return np.ones(3) + noise + 1e-3 * d

    rounding_noise(Line(line_of(forward, [middle]).pair, 0, np.ones(1)))
    assert calls == [(2.0**-17, 1, 8.0)]


def test_a_kink_and_a_wave_are_no_jump():
    kink = line_of(lambda x: np.abs(x - 0.5 - 2.0**-7), [0.5])
    assert not has_jump(kink, 2.0**-10, 0, 1e-6)
    wave = line_of(lambda x: np.sin(1e5 * x), [0.5])
    assert not has_jump(wave, 2.0**-20, 0, 0.01)


def test_the_second_of_two_outputs_jumps():
    line = line_of(lambda x: np.append(3 * x, x + stairs(2.0**-9, x)), [0.5 + 2.0**-10])
    assert [has_jump(line, 2.0**-12, j, 2.0**-10) for j in (0, 1)] == [False, True]
    linear = line_of(lambda x: np.append(3 * x, 2 * x), [0.5])
    assert not has_jump(linear, 2.0**-10, 1, 1e-12)


def test_a_staircase_jumps_on_both_sides_by_about_its_noise():
    both = line_of(lambda x: x + stairs(2.0**-9, x), [0.5 + 2.0**-10])
    assert is_staircase(both, 2.0**-12, 0, 2.0**-9)
    assert is_staircase(both, 2.0**-12, 0, 250 * 2.0**-9)
    assert not is_staircase(both, 2.0**-12, 0, 260 * 2.0**-9)
    one = line_of(lambda x: x + np.where(x > 0.5 + 2.0**-9, 1.0, 0.0), [0.5])
    assert not is_staircase(one, 2.0**-12, 0, 1.0)


def test_the_noise_along_all_entries_sees_a_part_in_float32():
    x = np.array([0.3, -1.2, 2.5])
    functions, leaves = function_pair(
        lambda x: x + np.tanh(x.astype(np.float32)).astype(float), None, (x,), {}, None, False
    )
    noise = noise_of(pair_at(functions, leaves, 0), 0)
    assert np.all((noise >= 2.0**-26) & (noise <= 2.0**-19))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("g", "slope"), [
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2), (np.sin, np.cos),
])  # fmt: skip
def test_a_forgotten_branch_in_float32_is_found_and_the_right_one_passes(g, slope, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3)) * 10 ** rng.uniform(-2, 1)

    def forward(x):
        return x + g(x.astype(np.float32)).astype(float)

    assert check(forward, lambda dy, x: dy * (1 + slope(x)), x, seed=seed).passed
    assert check(forward, lambda dy, x: 1.0 * dy, x, seed=seed).verdict == "FAIL"
