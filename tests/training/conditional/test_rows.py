"""The rows [x, c] and [z, c]: each x with its class, and c as frequent as in the data."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import tiny

from minigan.data import digits, points, sets
from minigan.data.images import Images
from minigan.data.sets import DataSet
from minigan.draws import generator, noise
from minigan.draws.minibatches import Minibatches
from minigan.errors import UserError
from minigan.training.conditional import rows
from minigan.training.conditional.rows import Classes

LABELS = np.array([2, 0, 1, 1, 0, 1], dtype=np.uint8)
CLASSES = Classes(LABELS, ("a", "b", "c"))
IMAGES = Images(np.arange(24, dtype=np.uint8).reshape(6, 4), LABELS, 255, 2, 2)


def data_of(train, name="own"):
    return DataSet(name, train, train, train)


def test_every_example_is_followed_by_its_own_class():
    examples = rows.ExamplesWithClasses(IMAGES, CLASSES)
    assert (examples.shape, len(examples), examples.numbers) == ((7,), 6, IMAGES.numbers)
    found = examples.gather(np.array([5, 0]))
    expected = [[20, 21, 22, 23, 0, 255, 0], [0, 1, 2, 3, 0, 0, 255]]
    np.testing.assert_allclose(found, np.array(expected) / 255, rtol=1e-6)
    assert found.dtype == np.float32
    out = np.full((2, 7), np.nan, np.float32)
    assert examples.gather(np.array([5, 0]), out=out) is out
    np.testing.assert_array_equal(out, found)
    np.testing.assert_array_equal(examples.all()[[5, 0]], found)


def test_the_prior_adds_the_label_of_a_random_training_example():
    prior = rows.PriorWithClasses(noise.uniform, CLASSES)
    z = prior(generator(3, "noise/G", 5), 4000, 5)
    assert (z.shape, z.dtype) == ((4000, 5), np.float32)
    np.testing.assert_array_equal(z[:, :2], noise.uniform(generator(3, "noise/G", 5), 4000, 2))
    np.testing.assert_array_equal(np.sort(z[:, 2:]), [[0, 0, 1]] * 4000)
    np.testing.assert_allclose(z[:, 2:].mean(axis=0), [2 / 6, 3 / 6, 1 / 6], atol=0.03)
    np.testing.assert_array_equal(z, prior(generator(3, "noise/G", 5), 4000, 5))


def test_samples_have_all_classes_equally_often_in_order():
    assert rows.equal_classes(6, 3).tolist() == [0, 0, 1, 1, 2, 2]
    assert np.bincount(rows.equal_classes(10_000, 10)).tolist() == [1000] * 10
    assert rows.equal_classes(2, 3).tolist() == [0, 1]


def test_the_classes_are_labels_modes_or_sub_folders():
    of_digits = rows.classes_of(sets.load("digits"))
    assert of_digits.names == tuple("0123456789")
    np.testing.assert_array_equal(of_digits.labels, digits.load("train").labels)
    ring = rows.classes_of(sets.load("ring"))
    assert ring.names == tuple("01234567")
    np.testing.assert_array_equal(ring.labels, points.load("ring")[0].modes)
    named = Images(**vars(IMAGES) | {"classes": ("ant", "cat", "dog")})
    assert rows.classes_of(data_of(named)).names == ("ant", "cat", "dog")


@pytest.mark.parametrize(
    ("name", "train", "words"),
    [
        ("own", SimpleNamespace(shape=(2,)), "needs classes, but own has no labels"),
        (
            "own",
            Images(IMAGES.pixels, 0 * LABELS, 255, 2, 2),
            "at least two classes, but own has one: choose another data.set",
        ),
        (
            "folder",
            Images(IMAGES.pixels, 0 * LABELS, 255, 2, 2, 1, ("ant",)),
            "folder has one: put the pictures of each class in a sub-folder of their own",
        ),
        (
            "folder",
            Images(IMAGES.pixels, 2 * (LABELS // 2), 255, 2, 2, 1, ("ant", "cat", "dog")),
            "the class cat has no training example",
        ),
    ],
)
def test_data_without_examples_of_two_classes_are_refused(name, train, words):
    with pytest.raises(UserError, match=words):
        rows.classes_of(data_of(train, name))


def test_the_digest_is_that_of_the_labels_in_their_order():
    same = Classes(LABELS.astype(np.int64), ("x", "y", "z"))
    assert CLASSES.digest == same.digest
    assert CLASSES.digest != Classes(LABELS[::-1], CLASSES.names).digest
    assert len(CLASSES) == 3


def test_in_a_game_each_minibatch_has_the_classes_of_its_images():
    begun = tiny.experiment(**tiny.CONDITIONAL)
    train, minibatches = digits.load("train"), begun.game.draws
    assert isinstance(minibatches, Minibatches)
    labels = train.labels[minibatches.indices(4)]
    x = minibatches.data(4)
    np.testing.assert_array_equal(x[:, :64], train.gather(minibatches.indices(4)))
    np.testing.assert_array_equal(x[:, 64:].argmax(axis=1), labels)
    begun.iterate(0)
    z = minibatches.noise("D", 0)
    np.testing.assert_array_equal(begun.game.batch[10:, 64:], begun.game.trace_G.layers[0].x[:, 3:])
    assert z.shape == (10, 13)


def test_the_modes_of_points_are_those_they_were_drawn_from():
    ring = points.load("ring")[0]
    rng = generator(0, "data/ring/train", 0)
    drawn = rng.choice(8, size=len(ring), p=ring.mixture.weights)
    np.testing.assert_array_equal(ring.modes, drawn)
