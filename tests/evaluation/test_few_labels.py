"""The protocol of few labels: balanced nested subsets, folds, and the choice of the decay."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from minigan import draws
from minigan.evaluation import few_labels
from minigan.evaluation.few_labels import choose_decay, given_images, head_error

LABELS = np.random.default_rng(0).permutation(np.repeat([3, 5, 9], [20, 30, 25]))


def two_classes(distance, per_class=6, n=4, seed=0):
    """Normal rows (2, per_class, n) whose class means are `distance` apart."""
    rows = np.random.default_rng(seed).normal(size=(2, per_class, n))
    rows[1, :, 0] += distance
    return rows


def test_a_subset_is_balanced_without_repetition_and_a_part_of_the_larger():
    given = given_images(LABELS, 8, seed=1, subset=0)
    assert given.shape == (3, 8)
    assert len(set(given.ravel().tolist())) == 24
    assert [set(LABELS[row].tolist()) for row in given] == [{3}, {5}, {9}]
    assert np.array_equal(given_images(LABELS, 3, seed=1, subset=0), given[:, :3])


def test_a_subset_is_the_draw_of_its_stream():
    rng = draws.generator(4, "labels/subset", 2)
    expected = [rng.permutation(np.flatnonzero(one == LABELS))[:5] for one in (3, 5, 9)]
    assert np.array_equal(given_images(LABELS, 5, seed=4, subset=2), expected)


def test_each_seed_and_each_subset_is_another_draw():
    given = [given_images(LABELS, 8, seed, subset) for seed in (0, 1) for subset in (0, 1)]
    assert len({one.tobytes() for one in given}) == 4


def test_the_error_is_the_share_of_wrong_test_rows():
    given, labels = two_classes(20), np.array([3, 7])
    test = np.array([[0.0, 0, 0, 0], [20, 0, 0, 0], [20, 0, 0, 0], [0, 0, 0, 0]])
    error, decay = head_error(given, labels, test, np.array([3, 7, 3, 3]))
    assert error == 1 / 4
    assert decay == few_labels.DECAYS[-1]


def test_the_scale_and_the_place_of_the_rows_change_nothing():
    given, test = two_classes(1), two_classes(1, 200, seed=1)
    labels, of_test = np.array([0, 1]), np.repeat([0, 1], 200)
    first = head_error(given, labels, test.reshape(400, 4), of_test)
    scaled = 1000 * given + 77, labels, 1000 * test.reshape(400, 4) + 77, of_test
    assert head_error(*scaled) == first
    assert 0.2 < first[0] < 0.5


def test_rows_without_information_get_the_strongest_decay():
    assert choose_decay(two_classes(0, 12)) == few_labels.DECAYS[0]
    assert choose_decay(two_classes(50, 12)) in few_labels.DECAYS[-2:]


def fitted(x, c, decay):
    """(W, b) of the smallest L for rows x of three classes c, by SciPy's softmax."""
    y = np.eye(3)[c]

    def loss(vector):
        W, b = vector[:-3].reshape(-1, 3), vector[-3:]
        a = x @ W + b
        L = -(y * log_softmax(a, axis=1)).sum() / len(x) + decay / 2 * (W**2).sum()
        da = (softmax(a, axis=1) - y) / len(x)
        return L, np.append(x.T @ da + decay * W, da.sum(axis=0))

    options = {"gtol": 1e-5, "ftol": 0.0}
    start = np.zeros(3 * x.shape[1] + 3)
    vector = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return vector[:-3].reshape(-1, 3), vector[-3:]


def slow(given, labels, test, test_labels):
    """(error, decay) of the protocol, one fold and one decay at a time."""
    x, c = given.reshape(12, 5), np.repeat([0, 1, 2], 4)
    mean = x.mean(axis=0)
    scale = np.sqrt(np.mean([row @ row for row in x - mean]))
    x, fold = (x - mean) / scale, np.tile([0, 1, 2, 0], 3)
    entropies = {}
    for decay in (0.1, 0.01, 0.001, 0.0001, 0.00001):
        entropies[decay] = 0.0
        for out in range(3):
            W, b = fitted(x[fold != out], c[fold != out], decay)
            log_p = log_softmax(x[fold == out] @ W + b, axis=1)
            entropies[decay] -= sum(row[i] for row, i in zip(log_p, c[fold == out], strict=True))
    best = min(entropies, key=entropies.get)
    W, b = fitted(x, c, best)
    logits = (test - mean) / scale @ W + b
    return np.mean([labels[row.argmax()] for row in logits] != test_labels), best


@pytest.mark.parametrize(
    ("distance", "seed", "best"), [(0.5, 1, 0.1), (1, 1, 1e-2), (2.8, 5, 1e-3), (2.8, 8, 1e-4)]
)
def test_the_error_and_the_decay_are_those_of_a_slow_loop(distance, seed, best):
    """The search of a head ends at a gradient of 1e-4, so one of 180 rows may differ."""
    rng, labels = np.random.default_rng(seed), np.array([4, 7, 2])
    given, test = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 60, 5))
    for rows in (given, test):
        rows[:, :, :3] += distance * np.eye(3)[:, None]
    test, of_test = test.reshape(180, 5), np.repeat(labels, 60)
    error, decay = head_error(given, labels, test, of_test)
    expected, expected_decay = slow(given, labels, test, of_test)
    assert decay == expected_decay == best
    assert error == pytest.approx(expected, abs=1.5 / 180)


def test_the_rows_of_the_head_have_the_mean_0_and_the_mean_square_1(monkeypatch):
    """In float32, the mean of rows near 2^24 would be wrong by 1."""
    fits, fit = [], few_labels.fit_head
    monkeypatch.setattr(few_labels, "fit_head", lambda x, *a: (fits.append(x), fit(x, *a))[1])
    offsets = np.random.default_rng(2).integers(0, 20, (2, 3, 4))
    given = np.float32(2**24) + 2 * offsets.astype(np.float32)
    head_error(given, np.array([0, 1]), given[0], np.zeros(3))
    assert abs(fits[-1].mean(axis=0)).max() < 1e-9
    assert np.square(fits[-1]).sum() == pytest.approx(6, rel=1e-12)


def test_equal_rows_leave_the_error_of_guessing():
    given, test = np.ones((2, 3, 4)), np.ones((10, 4))
    error, _ = head_error(given, np.array([0, 1]), test, np.repeat([0, 1], 5))
    assert error == 0.5


@pytest.mark.parametrize(("per_class", "sizes"), [(2, [1, 1]), (3, [2, 2, 2]), (7, [4, 5, 5])])
def test_each_fold_leaves_out_other_rows_of_every_class(monkeypatch, per_class, sizes):
    rows, fits, scored = two_classes(5, per_class), [], []
    fit, entropy = few_labels.fit_head, few_labels.cross_entropy

    def recorded_fit(x, y, decay, start):
        fits.append((x, y, decay))
        return fit(x, y, decay, start)

    def recorded_entropy(a, y):
        scored.append(len(y))
        return entropy(a, y)

    monkeypatch.setattr(few_labels, "fit_head", recorded_fit)
    monkeypatch.setattr(few_labels, "cross_entropy", recorded_entropy)
    choose_decay(rows)
    decays = len(few_labels.DECAYS)
    assert [len(x) // 2 for x, _, _ in fits[::decays]] == sizes
    assert [2 * (per_class - size) for size in sizes] == scored[::decays]
    assert [decay for *_, decay in fits] == [*few_labels.DECAYS] * len(sizes)
    seen = [row.tobytes() for x, _, _ in fits[::decays] for row in x]
    assert {seen.count(row.tobytes()) for row in rows.reshape(-1, 4)} == {len(sizes) - 1}
    for x, y, _ in fits:
        assert np.array_equal(y.argmax(axis=1), x[:, 0] > 2.5)
