"""Draws of the device equal those of the host bit for bit, and few arrays are copied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from softgpu import standin

from minigan import draws
from minigan.backends.cuda import device_draws
from minigan.backends.cuda.device_draws import Prefetch
from minigan.backends.cuda.fused import FusedBackend
from minigan.data import points
from minigan.data.images import Images
from minigan.draws import noise
from minigan.draws.minibatches import Minibatches

pytestmark = pytest.mark.cupy

SEEDS = st.sampled_from([0, 1, 2**32 + 7, 2**64 - 1])
STEPS = st.sampled_from([0, 1, 999, 2**40, 2**64 - 1])


def images(N=23, n=7, white=255, seed=0):
    pixels = np.random.default_rng(seed).integers(0, white + 1, (N, n)).astype(np.uint8)
    return Images(pixels, np.zeros(N, np.uint8), white=white, height=1, width=n)


def both(seed=3, examples=None, m=4, order="epochs", prior=noise.uniform, z_size=5, masks=()):
    host = Minibatches(seed, examples or images(), m, order, prior, z_size, list(masks))
    backend = FusedBackend(standin.CuPy())
    return host, backend.draws(host), backend


@given(SEEDS, STEPS, st.integers(1, 9), st.integers(1, 40), st.sampled_from("DG"))
def test_uniform_noise_has_the_bits_of_numpy(seed, step, m, z_size, player):
    host, device, backend = both(seed, m=m, z_size=z_size)
    z = backend.to_host(device.noise(player, step))
    np.testing.assert_array_equal(z, host.noise(player, step))
    assert z.dtype == np.float32


@given(
    SEEDS,
    STEPS,
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(1, 33), st.sampled_from([1e-9, 0.5, 0.8, 1.0])), max_size=4),
)
def test_masks_have_the_bits_of_numpy_whatever_their_sizes(seed, step, rows, sizes):
    host, device, backend = both(seed, masks=sizes)
    drawn, expected = device.masks("D", step, rows), host.masks("D", step, rows)
    assert len(drawn) == len(expected) == len(sizes)
    for mask, expected_mask in zip(drawn, expected, strict=True):
        assert mask.dtype == bool
        np.testing.assert_array_equal(backend.to_host(mask), expected_mask)


def test_an_entry_whose_number_equals_the_threshold_is_not_kept():
    """Each odd 16-bit number of this draw is used once as the threshold."""
    words = np.random.Philox(key=[5, draws.key("mask/D/0")], counter=[0, 2, 0, 0]).random_raw(6)
    numbers = words.astype("<u8").view("<u2")
    for i in np.flatnonzero(numbers % 2):
        _, device, backend = both(5, masks=[(24, int(numbers[i]) / 65536)])
        (mask,) = device.masks("D", 2, 1)
        np.testing.assert_array_equal(backend.to_host(mask)[0], numbers < numbers[i])


def test_draws_of_many_blocks_of_threads_have_the_bits_of_numpy():
    """More than 256 threads each; the draws of the other tests have one block."""
    host, device, backend = both(
        examples=images(N=23, n=33), m=20, z_size=130, masks=[(100, 0.8), (33, 0.5)]
    )
    np.testing.assert_array_equal(backend.to_host(device.data(3)), host.data(3))
    np.testing.assert_array_equal(backend.to_host(device.noise("G", 3)), host.noise("G", 3))
    for mask, expected in zip(device.masks("G", 3, 64), host.masks("G", 3, 64), strict=True):
        np.testing.assert_array_equal(backend.to_host(mask), expected)


def test_masks_with_different_numbers_of_rows_may_be_drawn_in_turn():
    host, device, backend = both(masks=[(7, 0.5), (3, 0.8)])
    for rows in (8, 4, 8):
        both_masks = zip(device.masks("D", 1, rows), host.masks("D", 1, rows), strict=True)
        for mask, expected in both_masks:
            np.testing.assert_array_equal(backend.to_host(mask), expected)


@pytest.mark.parametrize("order", ["epochs", "independent"])
@pytest.mark.parametrize("white", [1, 16, 255])
def test_minibatches_have_the_bits_of_numpy(order, white):
    host, device, backend = both(examples=images(white=white), order=order)
    for step in [0, 1, 5, 6, 400, 3]:
        expected = host.data(step)
        np.testing.assert_array_equal(backend.to_host(device.data(step)), expected)
        x = backend.xp.empty(expected.shape, dtype=np.float32)
        assert device.data(step, out=x) is x
        np.testing.assert_array_equal(backend.to_host(x), expected)


def test_points_are_gathered_on_the_device():
    train, _, _ = points.load("ring")
    host, device, backend = both(examples=train, m=6, order="independent")
    np.testing.assert_array_equal(backend.to_host(device.data(7)), host.data(7))


def test_examples_of_another_kind_are_gathered_by_the_host_and_copied():
    class Others:
        def __len__(self):
            return 9

        def gather(self, indices, *, out=None):
            return np.stack([indices, 10 * indices], axis=1).astype(np.float32)

    host, device, backend = both(examples=Others())
    x = backend.xp.empty((4, 2), dtype=np.float32)
    for step in (0, 1, 5):
        np.testing.assert_array_equal(backend.to_host(device.data(step)), host.data(step))
        assert device.data(step, out=x) is x
        np.testing.assert_array_equal(backend.to_host(x), host.data(step))


def test_a_subclass_of_points_gathers_its_own_examples():
    class Shifted(points.Points):
        def gather(self, indices, *, out=None):
            return self.x[indices] + np.float32(1)

    host, device, backend = both(examples=Shifted(points.load("ring")[2].x, None))
    np.testing.assert_array_equal(backend.to_host(device.data(2)), host.data(2))


def test_a_subclass_of_minibatches_makes_its_own_draws():
    class Constant(Minibatches):
        def noise(self, player, step):
            return np.full((self.m, self.z_size), step, np.float32)

    backend = FusedBackend(standin.CuPy())
    draws_of_device = backend.draws(Constant(3, images(), 4, "epochs", noise.uniform, 5, []))
    assert backend.to_host(draws_of_device.noise("D", 7)).tolist() == [[7] * 5] * 4


def test_gaussian_noise_is_that_of_the_host():
    host, device, backend = both(prior=noise.gaussian)
    for player, step in [("D", 0), ("G", 0), ("D", 1), ("D", 300), ("G", 2)]:
        z = backend.to_host(device.noise(player, step))
        np.testing.assert_array_equal(z, host.noise(player, step))


def test_one_array_is_copied_for_many_steps_and_nothing_else(monkeypatch):
    monkeypatch.setattr(device_draws, "STEPS_AHEAD", 16)
    _, device, backend = both(order="independent", masks=[(7, 0.5), (3, 0.8)])
    ledger, x = backend.xp.ledger, backend.xp.empty((4, 7), dtype=np.float32)

    def draw(step):
        device.data(step, out=x)
        device.noise("D", step)
        device.masks("D", step, 8)

    draw(0)
    for steps, copies in ((range(1, 16), 0), (range(16, 32), 1)):
        with ledger.stretch() as stretch:
            for step in steps:
                draw(step)
        assert stretch.launches == ["gather", "uniform_noise", "masks"] * len(steps)
        assert stretch.count("to_device") == stretch.count("synchronisation") == copies
        assert stretch.count("to_host") + stretch.count("allocation") == 0


def test_the_players_have_different_noise_and_masks_in_one_step():
    _, device, backend = both(masks=[(7, 0.5)])
    z_D, z_G = device.noise("D", 1), device.noise("G", 1)
    masks_D, masks_G = device.masks("D", 1, 4), device.masks("G", 1, 4)
    for of_D, of_G in ((z_D, z_G), (masks_D[0], masks_G[0])):
        assert (backend.to_host(of_D) != backend.to_host(of_G)).any()


def test_prefetched_arrays_are_drawn_once_per_group_and_in_any_order():
    drawn = []

    def draw(step):
        drawn.append(step)
        return np.full(3, step, np.float32)

    xp = standin.CuPy()
    prefetch = Prefetch(draw, xp)
    for step in [300, 256, 511, 0, 255, 256]:
        assert xp.asnumpy(prefetch(step)).tolist() == [step] * 3
    groups = [range(256, 512), range(256), range(256, 512)]
    assert sorted(drawn[1:]) == sorted(step for group in groups for step in group)
