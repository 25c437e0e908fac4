"""Draws compared with Philox4x64-10 in Python integers, and the format of masks."""

from __future__ import annotations

import hashlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan import draws

WORD = 2**64
SEEDS, STEPS = st.integers(0, WORD - 1), st.integers(0, WORD - 1)


def philox_block(counter: list[int], key: list[int]) -> list[int]:
    """The ten rounds of Salmon et al. (2011): multiply, swap, xor, increment the key."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c[0], WORD)
        high1, low1 = divmod(0xCA5A826395121157 * c[2], WORD)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B97F4A7C15) % WORD, (k[1] + 0xBB67AE8584CAA73B) % WORD]
    return c


def slow_words(seed: int, stream: str, step: int, count: int) -> list[int]:
    """The first words of a draw: blocks 1, 2, ... (NumPy increments the counter first)."""
    name = int.from_bytes(hashlib.blake2b(stream.encode()).digest()[:8], "little")
    words: list[int] = []
    block = 1
    while len(words) < count:
        words += philox_block([block, step, 0, 0], [seed, name])
        block += 1
    return words[:count]


@given(seed=SEEDS, stream=st.text(max_size=9), step=STEPS, count=st.integers(1, 12))
def test_the_bits_are_those_of_philox_at_seed_stream_and_step(
    seed: int, stream: str, step: int, count: int
) -> None:
    words = draws.philox(seed, stream, step).random_raw(count)
    assert [int(word) for word in words] == slow_words(seed, stream, step, count)


@given(seed=SEEDS, step=STEPS, m=st.integers(1, 5), n=st.integers(1, 7), keep=st.floats(0, 1))
def test_a_mask_compares_16_bit_numbers_lowest_first_with_65536_keep(
    seed: int, step: int, m: int, n: int, keep: float
) -> None:
    numbers = [
        word >> shift & 0xFFFF
        for word in slow_words(seed, "mask/D/0", step, m * n)
        for shift in (0, 16, 32, 48)
    ]
    expected = [[numbers[i * n + j] < round(65536 * keep) for j in range(n)] for i in range(m)]
    mask = draws.mask(seed, "mask/D/0", step, (m, n), keep)
    assert mask.dtype == bool
    assert mask.tolist() == expected


@given(seed=SEEDS, first=st.integers(0, 100), m=st.integers(1, 3), n=st.integers(1, 40))
def test_a_mask_that_starts_later_is_the_rest_of_the_whole_mask(
    seed: int, first: int, m: int, n: int
) -> None:
    whole = draws.mask(seed, "mask/D/0", 5, (1, first + m * n), 0.5)
    part = draws.mask(seed, "mask/D/0", 5, (m, n), 0.5, first)
    assert part.tolist() == whole[0, first:].reshape(m, n).tolist()


@given(seed=SEEDS, step=STEPS)
def test_a_uniform_float32_is_24_bits_of_half_a_word(seed: int, step: int) -> None:
    words = slow_words(seed, "u", step, 2)
    halves = [half for word in words for half in (word & 0xFFFFFFFF, word >> 32)]
    u = draws.generator(seed, "u", step).random(4, dtype=np.float32)
    assert u.tolist() == [(half >> 8) / 2**24 for half in halves]


def test_keep_0_8_is_kept_with_probability_0_800003() -> None:
    mask = draws.mask(7, "m", 0, (1000, 1000), 0.8)
    # Six standard deviations of a mean of a million draws.
    assert abs(mask.mean() - 52429 / 65536) < 6 * (0.16 / 1e6) ** 0.5


def test_the_threshold_of_keep_0_8_is_52429_exactly() -> None:
    words = draws.philox(7, "m", 0).random_raw(250_000)
    numbers = [int(word) >> shift & 0xFFFF for word in words for shift in (0, 16, 32, 48)]
    assert {52428, 52429} <= set(numbers)  # both sides of the threshold occur
    mask = draws.mask(7, "m", 0, (1000, 1000), 0.8)
    assert mask.ravel().tolist() == [number < 52429 for number in numbers]


def test_a_mask_needs_memory_for_its_bits_and_for_itself() -> None:
    tracemalloc.start()
    try:
        draws.mask(7, "m", 0, (1000, 1000), 0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.1 * (2 + 1) * 1e6  # per entry: 16 random bits and one byte for the result


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
@pytest.mark.parametrize("step", [0, 2**63, 2**64 - 1])
def test_the_ends_of_the_range_are_allowed(seed: int, step: int) -> None:
    words = draws.philox(seed, "m", step).random_raw(5)
    assert [int(word) for word in words] == slow_words(seed, "m", step, 5)


def test_keep_1_keeps_everything_and_keep_0_nothing() -> None:
    assert draws.mask(1, "m", 0, (100, 100), 1.0).all()
    assert not draws.mask(1, "m", 0, (100, 100), 0.0).any()


@pytest.mark.parametrize(("seed", "step"), [(-1, 0), (0, -1), (2**64, 0), (0, 2**64)])
def test_seeds_and_steps_outside_64_bits_raise(seed: int, step: int) -> None:
    with pytest.raises(ValueError, match="must be in"):
        draws.philox(seed, "m", step)
