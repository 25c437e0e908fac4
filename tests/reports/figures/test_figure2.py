"""Figure 2 shows what it says, pixel by pixel, and its check sees copies and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from minigan.backends import open_backend
from minigan.data import digits
from minigan.data.images import Images
from minigan.reports.figures import figure2
from minigan.reports.figures.figure2 import memorising, side_by_side, to_nearest
from minigan.training import pictures
from minigan.training.experiment import build_G
from minigan.training.sampler import Sampler

TRAIN, TEST = digits.load("train"), digits.load("test")
YELLOW = [255, 205, 30]


def sampler():
    """An untrained G of 8 x 8 pixels, with weights so large that its samples differ much."""
    recipe = tiny.recipe(generator__spread=5.0)
    G = build_G(recipe.generator, recipe.prior.size, 64)
    return Sampler(G, G.initial(3, "theta_g"), recipe.prior, open_backend("cpu"))


def slow(samples, x):
    """(d, index, q), one distance at a time, from the words of the docstring."""
    found = []
    for s in samples.tolist():
        distances = [math.dist(s, r) for r in x.tolist()]
        d = min(distances)
        index = distances.index(d)
        other = min(away for j, away in enumerate(distances) if j % 2 != index % 2)
        found.append((d, index, d / other if other else 1.0))
    return found


@given(seed=st.integers(0, 10_000), N=st.integers(1, 6), R=st.integers(2, 7))
def test_distances_index_and_quotient_are_those_of_the_double_loop(seed, N, R):
    rng = np.random.default_rng(seed)
    samples, x = rng.random((N, 3)), rng.random((R, 3))
    d, index, q = to_nearest(samples, x)
    expected = slow(samples, x)
    assert index.tolist() == [i for _, i, _ in expected]
    np.testing.assert_allclose(d, [one for one, _, _ in expected], rtol=1e-12)
    np.testing.assert_allclose(q, [one for _, _, one in expected], rtol=1e-12)


@given(seed=st.integers(0, 10_000))
def test_at_a_tie_the_first_example_is_taken(seed):
    """Whole numbers make the distances exact, few of them make many ties."""
    rng = np.random.default_rng(seed)
    samples, x = (rng.integers(0, 3, (n, 2)).astype(np.float64) for n in (6, 9))
    d, index, q = to_nearest(samples, x)
    expected = slow(samples, x)
    assert index.tolist() == [i for _, i, _ in expected]
    assert (d.tolist(), q.tolist()) == ([e[0] for e in expected], [e[2] for e in expected])


def test_one_training_example_alone_is_refused():
    with pytest.raises(ValueError, match="two training examples"):
        to_nearest(np.zeros((1, 2)), np.zeros((1, 2)))


def test_the_check_by_hand():
    """Of test images 0..100 the 1 % quantile is 1, of q / 1000 it is 0.001: both strict."""
    d_test = np.arange(101.0)
    d = np.array([0.0, 0.5, 1.0, 2.0])
    q = np.array([0.0005, 0.001, 0.5, 1.0])
    found = memorising((d, q), (d_test, d_test / 1000))
    assert (found.samples, found.tests) == (4, 101)
    assert (found.nearer, found.copies) == (0.5, 0.25)
    assert found.of_tests == (0, 1, 25, 50, 75, 99, 100)
    assert found.of_samples == pytest.approx((0, 0.015, 0.375, 0.75, 1.25, 1.97, 2))


def test_no_samples_or_no_test_images_are_refused():
    some, none = (np.ones(3), np.ones(3)), (np.ones(0), np.ones(0))
    for pair in ((none, some), (some, none)):
        with pytest.raises(ValueError, match="there must be"):
            memorising(*pair)


def told(samples, train=TRAIN, test=TEST):
    x = train.all()
    (d, _, q), (d_test, _, q_test) = (to_nearest(each, x) for each in (samples, test.all()))
    found = memorising((d, q), (d_test, q_test))
    assert found.to_json()["sentences"] == str(found)
    return found


def test_held_out_digits_give_no_sign_of_repetition():
    found = told(digits.load("validation").all())
    assert str(found).endswith("No sign that G repeats training examples.")
    assert found.copies <= 0.04


@pytest.mark.parametrize("noise", [0, 0.01, 0.05])
def test_a_fifth_of_copies_is_seen_be_it_with_noise(noise):
    samples = digits.load("validation").all()
    samples[:60] = TRAIN.all()[:60] + np.random.default_rng(1).normal(0, noise, (60, 64))
    found = told(samples)
    assert 0.2 <= found.copies <= 0.24
    assert "G seems to repeat training examples: compare" in str(found)


def test_averages_of_training_images_are_copies_no_more_often_than_test_images():
    x = TRAIN.all()
    assert told((x[:300] + x[300:600]) / 2).copies <= 0.01


def test_many_near_samples_that_copy_nothing_are_told_as_few_kinds():
    d, q = np.full(100, 0.5), np.full(100, 0.95)
    found = memorising((d, q), (np.arange(1.0, 101), np.full(100, 0.9)))
    assert (found.nearer, found.copies) == (1, 0)
    assert "makes few kinds of example, or smooth ones" in str(found)


def test_test_images_that_are_training_images_say_nothing():
    found = told(digits.load("validation").all(), test=TRAIN)
    assert str(found).endswith("some test images are training examples themselves.")


def test_the_sentences_name_the_numbers():
    d_test = np.linspace(1, 3, 101)
    d = np.concatenate([[0.5], np.full(999, 1.25)])
    found = memorising((d, d / 3), (d_test, d_test / 3))
    assert str(found) == (
        "A sample's nearest training example is at a median distance of 1.25, a test image's at "
        "2.00. Nearer than the nearest 1 % of the test images: 0.1 % of the samples; more like a "
        "copy than the 1 % most like one: 0.1 %. No sign that G repeats training examples."
    )


@pytest.mark.parametrize("tests", [300, 1000])
def test_chance_is_never_suspected(tests):
    """The distances of samples that are drawn as the test images are, 500 times."""
    rng = np.random.default_rng(tests)
    for _ in range(500):
        d, d_test = rng.random(1000), rng.random(tests)
        assert memorising((d, d), (d_test, d_test)).copies <= figure2.SUSPICIOUS


def test_neighbours_stand_right_of_their_rows_in_yellow_frames():
    """Two rows of two samples of one pixel, by hand: a pixel is 32 x 32, a gap 2, all doubled."""
    samples = np.array([[0.0], [0.2], [0.4], [0.6]])
    picture = side_by_side(samples, np.array([[0.8], [1.0]]), (1, 1, 1))
    expected = np.full((70, 70 + 36, 3), 64)
    expected[:, 70:] = YELLOW
    for row in range(2):
        for column, value in enumerate([(0, 51), (102, 153)][row]):
            top, left = 34 * row + 2, 34 * column + 2
            expected[top : top + 32, left : left + 32] = value
        expected[34 * row + 2 : 34 * row + 34, 72:104] = (204, 255)[row]
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, expected.repeat(2, axis=0).repeat(2, axis=1))


def test_colours_stay_colours_and_a_grey_pixel_of_the_gap_is_no_frame():
    samples = np.array([[1.0, 0, 0], [0, 1, 0]])
    grey = np.full((2, 3), 64 / 255)
    picture = side_by_side(samples, grey, (1, 1, 3))
    assert picture[20, 20].tolist() == [255, 0, 0]
    assert picture[20 + 68, 20].tolist() == [0, 255, 0]
    assert picture[20, -20].tolist() == [64, 64, 64]
    assert picture[20, -1].tolist() == YELLOW


def test_the_samples_are_the_first_draws_and_each_neighbour_is_of_the_last_in_its_row(monkeypatch):
    monkeypatch.setattr(figure2, "CHECKED", 150)
    made, train = sampler(), TRAIN[100:250]
    picture, found = figure2.draw(made, train, TEST, 7)
    samples = made.samples(made.noise(150, 7))
    x = train.all()
    expected = [x[slow(samples[10 * row + 9][None], x)[0][1]] for row in range(10)]
    assert len(np.unique(expected, axis=0)) >= 5  # or a wrong one would not be seen
    np.testing.assert_array_equal(
        picture, side_by_side(samples[:100], np.array(expected), (8, 8, 1))
    )
    sheet = pictures.sheet(made.samples(made.noise(100, 7)), 8, 8, columns=10)
    np.testing.assert_array_equal(picture[::2, : 2 * sheet.shape[1] : 2, 0], sheet)
    of_tests = slow(TEST.all()[:150], x)
    both = [
        [np.array([e[i] for e in part]) for i in (0, 2)] for part in (slow(samples, x), of_tests)
    ]
    by_hand = memorising(*both)
    assert (found.samples, found.tests) == (150, 150)
    assert found.of_samples == pytest.approx(by_hand.of_samples)
    assert found.of_tests == pytest.approx(by_hand.of_tests)
    assert (found.nearer, found.copies) == (by_hand.nearer, by_hand.copies)


def test_one_seed_gives_one_figure_and_another_another(monkeypatch):
    monkeypatch.setattr(figure2, "CHECKED", 100)
    made, heard = sampler(), []
    (one, told_one), (same, told_same), (other, _) = (
        figure2.draw(made, TRAIN, TEST, seed, heard.append) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert told_one == told_same
    assert not np.array_equal(one, other)
    assert heard == ["the nearest of 1,197 training examples"] * 3


def test_a_G_of_other_images_is_refused():
    small = Images(np.zeros((3, 4), dtype=np.uint8), np.zeros(3), white=1, height=2, width=2)
    with pytest.raises(ValueError, match="G makes 64 numbers, not images of 4"):
        figure2.draw(sampler(), small, small)
