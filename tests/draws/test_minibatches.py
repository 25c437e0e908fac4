"""Each draw is a pure function of (seed, stream, step), and an epoch uses no image twice."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from scipy import stats

from minigan import draws
from minigan.data.images import Images
from minigan.draws import noise
from minigan.draws.minibatches import Minibatches, per_epoch

N = 23
IMAGES = Images(
    np.arange(N, dtype=np.uint8)[:, None] * np.ones(4, dtype=np.uint8),
    np.zeros(N, dtype=np.uint8),
    white=100,
    height=2,
    width=2,
)


def minibatches(order="independent", seed=5, m=4, prior=noise.uniform, masks=((6, 0.5), (3, 0.8))):
    return Minibatches(seed, IMAGES, m, order, prior, z_size=3, mask_sizes=list(masks))


def everything(batches, step):
    """All draws of a step, by name."""
    result = {"data": batches.data(step), "indices": batches.indices(step)}
    for player in ("D", "G"):
        result[f"noise/{player}"] = batches.noise(player, step)
        for layer, mask in enumerate(batches.masks(player, step, 8)):
            result[f"mask/{player}/{layer}"] = mask
    return result


@pytest.mark.parametrize("order", ["independent", "epochs"])
def test_a_draw_does_not_depend_on_the_order_of_calls(order):
    steps = list(range(14))
    one = minibatches(order)
    forwards = [everything(one, step) for step in steps]
    other = minibatches(order)
    for step in [*reversed(steps), 3, 12, 3]:
        for name, array in everything(other, step).items():
            np.testing.assert_array_equal(array, forwards[step][name], err_msg=name)


def test_each_draw_comes_from_its_documented_stream():
    batches = minibatches()
    indices = draws.generator(5, "data", 7).integers(N, size=4)
    np.testing.assert_array_equal(batches.indices(7), indices)
    for player in ("D", "G"):
        z = noise.uniform(draws.generator(5, f"noise/{player}", 7), 4, 3)
        np.testing.assert_array_equal(batches.noise(player, 7), z)
        for layer, (width, keep) in enumerate([(6, 0.5), (3, 0.8)]):
            mask = draws.mask(5, f"mask/{player}/{layer}", 7, (8, width), keep)
            np.testing.assert_array_equal(batches.masks(player, 7, 8)[layer], mask)
    permutation = draws.generator(5, "data/epoch", 2).permutation(N)
    epochs = minibatches("epochs")
    for batch in range(5):
        expected = permutation[4 * batch : 4 * batch + 4]
        np.testing.assert_array_equal(epochs.indices(2 * 5 + batch), expected)


def test_streams_steps_and_seeds_differ():
    batches = minibatches(masks=((40, 0.5), (40, 0.5)))
    drawn = [batches.noise(player, step) for player in ("D", "G") for step in range(3)]
    drawn += [minibatches(seed=6).noise("D", 0)]
    assert len({z.tobytes() for z in drawn}) == len(drawn)
    masks = [mask for player in ("D", "G") for step in range(3) for mask in
             batches.masks(player, step, 8)]  # fmt: skip
    assert len({mask.tobytes() for mask in masks}) == len(masks) == 12


def test_the_indices_follow_lemires_method_on_the_raw_bits():
    """floor(u N / 2^32) for 32-bit u, low half of each word first: independent of NumPy's code.

    (A u whose product's low half is below 2^32 mod N is drawn again; none of these is.)
    """
    words = draws.philox(5, "data", 3).random_raw(2)
    u = [int(word) >> shift & (2**32 - 1) for word in words for shift in (0, 32)]
    assert all(number * N % 2**32 >= N for number in u)
    np.testing.assert_array_equal(minibatches().indices(3), [number * N >> 32 for number in u])


def test_independent_indices_are_uniform():
    batches = minibatches()
    indices = np.concatenate([batches.indices(step) for step in range(1500)])
    counts = np.bincount(indices, minlength=N)
    assert len(counts) == N
    assert stats.chisquare(counts).pvalue > 0.01


def test_independent_minibatches_may_contain_an_image_twice():
    batches = minibatches()
    assert any(len(set(batches.indices(step).tolist())) < 4 for step in range(50))


def test_an_epoch_uses_every_image_at_most_once_and_omits_only_the_remainder():
    batches = minibatches("epochs")
    for epoch in range(3):
        steps = range(5 * epoch, 5 * epoch + 5)
        used = np.concatenate([batches.indices(step) for step in steps])
        assert len(used) == len(set(used.tolist())) == 20


def test_each_epoch_has_a_new_order_and_all_images_are_used():
    batches = minibatches("epochs")
    first, second = (
        np.concatenate([batches.indices(5 * epoch + batch) for batch in range(5)])
        for epoch in (0, 1)
    )
    assert first.tolist() != second.tolist()
    used = np.concatenate([batches.indices(step) for step in range(50)])
    assert set(used.tolist()) == set(range(N))


def test_the_data_are_the_pixels_of_the_indices_from_0_to_1():
    batches = minibatches()
    x = batches.data(9)
    assert (x.shape, x.dtype) == ((4, 4), np.float32)
    expected = [[index / 100] * 4 for index in batches.indices(9)]
    np.testing.assert_allclose(x, expected, rtol=1e-6)


def test_noise_and_masks_have_the_requested_shapes():
    batches = minibatches(prior=noise.gaussian)
    assert batches.noise("D", 0).shape == (4, 3)
    assert [mask.shape for mask in batches.masks("G", 0, 9)] == [(9, 6), (9, 3)]
    assert minibatches(masks=()).masks("D", 0, 9) == []


def test_a_minibatch_is_written_to_out():
    batches, x = minibatches(m=4), np.full((4, IMAGES.pixels.shape[1]), np.nan, np.float32)
    assert batches.data(1, out=x) is x
    np.testing.assert_array_equal(x, batches.data(1))


def test_a_minibatch_may_contain_all_images_but_not_more():
    assert sorted(minibatches("epochs", m=N).indices(0).tolist()) == list(range(N))
    with pytest.raises(ValueError, match="24 examples needs a data set of at least 24, not 23"):
        minibatches(m=N + 1)


@pytest.mark.parametrize(("examples", "expected"), [(3, 1), (4, 1), (7, 1), (8, 2), (23, 5)])
def test_an_epoch_has_as_many_whole_minibatches_as_fit_and_at_least_one(examples, expected):
    assert per_epoch(examples, 4) == expected


@pytest.mark.parametrize("epoch", range(4))
def test_a_run_may_start_in_any_epoch_and_draws_its_permutation_once(monkeypatch, epoch):
    drawn = []

    def generator(seed, stream, step):
        drawn.append((seed, stream, step))
        return np.random.default_rng(step)

    monkeypatch.setattr(draws, "generator", generator)
    batches = minibatches("epochs")
    used = np.concatenate([batches.indices(5 * epoch + batch) for batch in range(5)])
    np.testing.assert_array_equal(used, np.random.default_rng(epoch).permutation(N)[:20])
    assert drawn == [(5, "data/epoch", epoch)]


def test_the_permutation_of_an_epoch_is_neither_an_argument_nor_printed():
    assert [field.name for field in fields(Minibatches) if not field.init] == ["_permutation"]
    assert "permutation" not in repr(minibatches())


def test_an_unknown_order_raises():
    with pytest.raises(ValueError, match="one of independent, epochs, not 'random'"):
        minibatches("random")


def test_a_change_is_a_draw_of_its_own_stream_and_step():
    def beside(rng, x):
        return np.hstack([x, rng.random((len(x), 1), dtype=np.float32)])

    plain, batches = minibatches(), Minibatches(5, IMAGES, 4, "independent", noise.uniform, 3, [])
    batches.change = beside
    for step in (0, 7):
        own = draws.generator(5, "data/change", step).random((4, 1), dtype=np.float32)
        expected = np.hstack([plain.data(step), own])
        np.testing.assert_array_equal(batches.data(step), expected)
        out = np.full((4, 5), np.nan, np.float32)
        assert batches.data(step, out=out) is out
        np.testing.assert_array_equal(out, expected)
