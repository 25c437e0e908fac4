"""Figure 2: every pixel of the picture, and the check for memorisation."""

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
from minigan.draws.noise import PRIORS
from minigan.reports.figures import figure2
from minigan.reports.figures.figure2 import memorisation_check, side_by_side, to_nearest
from minigan.training import pictures
from minigan.training.networks import build_G
from minigan.training.sampler import Sampler

TRAIN, TEST = digits.load("train"), digits.load("test")
YELLOW = [255, 205, 30]


def sampler():
    """An untrained G of 8 x 8 pixels, with large weights so that its samples differ strongly."""
    recipe = tiny.recipe(generator__spread=5.0)
    G = build_G(recipe.generator, recipe.prior.size, 64)
    return Sampler(G, G.initial(3, "theta_g"), PRIORS[recipe.prior.kind], open_backend("cpu"))


def slow(samples, x):
    """(d, index, q) of each sample by a double loop, following the definitions in `figure2`."""
    found = []
    for s in samples.tolist():
        distances = [math.dist(s, r) for r in x.tolist()]
        d = min(distances)
        index = distances.index(d)
        other = min(one for j, one in enumerate(distances) if j % 2 != index % 2)
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
def test_at_a_tie_the_lowest_index_is_returned(seed):
    """Small integers give exact distances and many ties."""
    rng = np.random.default_rng(seed)
    samples, x = (rng.integers(0, 3, (n, 2)).astype(np.float64) for n in (6, 9))
    d, index, q = to_nearest(samples, x)
    expected = slow(samples, x)
    assert index.tolist() == [i for _, i, _ in expected]
    assert (d.tolist(), q.tolist()) == ([e[0] for e in expected], [e[2] for e in expected])


def test_a_single_training_example_raises_an_error():
    with pytest.raises(ValueError, match="at least two training examples are needed, not 1"):
        to_nearest(np.zeros((1, 2)), np.zeros((1, 2)))


def test_the_check_by_hand():
    """The 1 % quantile of d_test = 0..100 is 1, and of q_test = d_test / 1000 it is 0.001."""
    d_test = np.arange(101.0)
    d = np.array([0.0, 0.5, 1.0, 2.0])
    q = np.array([0.0005, 0.001, 0.5, 1.0])
    found = memorisation_check((d, q), (d_test, d_test / 1000))
    assert (found.samples, found.tests) == (4, 101)
    assert (found.nearer, found.copies) == (0.5, 0.25)
    assert found.of_tests == (0, 1, 25, 50, 75, 99, 100)
    assert found.of_samples == pytest.approx((0, 0.015, 0.375, 0.75, 1.25, 1.97, 2))


def test_without_samples_or_test_images_an_error_is_raised():
    some, none = (np.ones(3), np.ones(3)), (np.ones(0), np.ones(0))
    for pair in ((none, some), (some, none)):
        with pytest.raises(ValueError, match="at least one sample and one test image"):
            memorisation_check(*pair)


def check_of(samples, train=TRAIN, test=TEST):
    x = train.all()
    (d, _, q), (d_test, _, q_test) = (to_nearest(each, x) for each in (samples, test.all()))
    found = memorisation_check((d, q), (d_test, q_test))
    assert found.to_json()["sentences"] == str(found)
    return found


def test_held_out_digits_are_not_classified_as_copies():
    found = check_of(digits.load("validation").all())
    assert str(found).endswith("There is no sign that G copies training examples.")
    assert found.copies <= 0.04


@pytest.mark.parametrize("noise", [0, 0.01, 0.05])
def test_a_fifth_of_copies_is_detected_also_with_noise(noise):
    samples = digits.load("validation").all()
    samples[:60] = TRAIN.all()[:60] + np.random.default_rng(1).normal(0, noise, (60, 64))
    found = check_of(samples)
    assert 0.2 <= found.copies <= 0.24
    assert "G seems to copy training examples: compare" in str(found)


def test_averages_of_training_images_are_not_classified_as_copies():
    x = TRAIN.all()
    assert check_of((x[:300] + x[300:600]) / 2).copies <= 0.01


def test_close_samples_that_are_not_copies_are_reported_as_few_classes():
    d, q = np.full(100, 0.5), np.full(100, 0.95)
    found = memorisation_check((d, q), (np.arange(1.0, 101), np.full(100, 0.9)))
    assert (found.nearer, found.copies) == (1, 0)
    assert "its samples cover few classes or are too smooth" in str(found)


def test_with_copies_among_the_test_images_there_is_no_conclusion():
    found = check_of(digits.load("validation").all(), test=TRAIN)
    assert str(found).endswith("some held-out images are copies of training examples.")


def test_the_text_contains_the_numbers():
    d_test = np.linspace(1, 3, 101)
    d = np.concatenate([[0.5], np.full(999, 1.25)])
    found = memorisation_check((d, d / 3), (d_test, d_test / 3))
    assert str(found) == (
        "The median distance to the nearest training example is 1.25 for samples and 2.00 for "
        "held-out images. 0.1 % of the samples have a smaller distance d than the 1 % quantile of "
        "the held-out images, and 0.1 % have a smaller ratio q. There is no sign that G copies "
        "training examples."
    )


@pytest.mark.parametrize("tests", [300, 1000])
def test_equal_distributions_are_not_suspicious(tests):
    """500 trials in which samples and test images have the same distribution of distances."""
    rng = np.random.default_rng(tests)
    for _ in range(500):
        d, d_test = rng.random(1000), rng.random(tests)
        assert memorisation_check((d, d), (d_test, d_test)).copies <= figure2.SUSPICIOUS


def test_neighbours_are_right_of_their_rows_in_yellow_frames():
    """Two rows of two one-pixel samples, by hand: 32 x 32 per pixel, gaps of 2, all doubled."""
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


def test_colours_are_kept_and_grey_image_pixels_are_not_part_of_the_frame():
    samples = np.array([[1.0, 0, 0], [0, 1, 0]])
    grey = np.full((2, 3), 64 / 255)
    picture = side_by_side(samples, grey, (1, 1, 3))
    assert picture[20, 20].tolist() == [255, 0, 0]
    assert picture[20 + 68, 20].tolist() == [0, 255, 0]
    assert picture[20, -20].tolist() == [64, 64, 64]
    assert picture[20, -1].tolist() == YELLOW


def test_the_samples_are_the_first_draws_and_neighbours_belong_to_the_last_column(monkeypatch):
    monkeypatch.setattr(figure2, "CHECKED", 150)
    made, train = sampler(), TRAIN[100:250]
    picture, found = figure2.draw(made, train, TEST, 7)
    samples = made.samples(made.noise(150, 7))
    x = train.all()
    expected = [x[slow(samples[10 * row + 9][None], x)[0][1]] for row in range(10)]
    assert len(np.unique(expected, axis=0)) >= 5  # so that a wrong neighbour would be detected
    np.testing.assert_array_equal(
        picture, side_by_side(samples[:100], np.array(expected), (8, 8, 1))
    )
    sheet = pictures.sheet(made.samples(made.noise(100, 7)), 8, 8, columns=10)
    np.testing.assert_array_equal(picture[::2, : 2 * sheet.shape[1] : 2, 0], sheet)
    of_tests = slow(TEST.all()[:150], x)
    both = [
        [np.array([e[i] for e in part]) for i in (0, 2)] for part in (slow(samples, x), of_tests)
    ]
    by_hand = memorisation_check(*both)
    assert (found.samples, found.tests) == (150, 150)
    assert found.of_samples == pytest.approx(by_hand.of_samples)
    assert found.of_tests == pytest.approx(by_hand.of_tests)
    assert (found.nearer, found.copies) == (by_hand.nearer, by_hand.copies)


def test_equal_seeds_give_equal_figures_and_other_seeds_others(monkeypatch):
    monkeypatch.setattr(figure2, "CHECKED", 100)
    made, logged = sampler(), []
    (one, check_one), (same, check_same), (other, _) = (
        figure2.draw(made, TRAIN, TEST, seed, logged.append) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert check_one == check_same
    assert not np.array_equal(one, other)
    assert logged == ["the nearest of 1,197 training examples"] * 3


def test_a_G_with_another_number_of_outputs_raises_an_error():
    small = Images(np.zeros((3, 4), dtype=np.uint8), np.zeros(3), white=1, height=2, width=2)
    with pytest.raises(ValueError, match="G has 64 outputs, but the images have 4 numbers"):
        figure2.draw(sampler(), small, small)


def test_the_samples_of_a_conditional_run_are_shown_from_all_classes():
    made, train = tiny.experiment(**tiny.CONDITIONAL).sampler, TRAIN[100:250]
    picture, _ = figure2.draw(made, train, TRAIN[:20], 1)
    count = figure2.ROWS * figure2.COLUMNS
    step = 1000 // count
    samples = made.samples(made.noise(1000, 1))[: step * count : step]
    last = samples[figure2.COLUMNS - 1 :: figure2.COLUMNS]
    _, index, _ = figure2.to_nearest(last, train.all())
    expected = figure2.side_by_side(samples, train.all()[index], (8, 8, 1))
    np.testing.assert_array_equal(picture, expected)
