"""The protocol of few labels: balanced nested subsets, folds, and the choice of the decay."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_each_seed_and_each_subset_is_another_draw():
    draws = [given_images(LABELS, 8, seed, subset) for seed in (0, 1) for subset in (0, 1)]
    assert len({one.tobytes() for one in draws}) == 4


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
