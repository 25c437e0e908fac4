"""The memory of a game is counted, and images are read from a memory-mapped file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import growth
from minigan.bench.growth import (
    game_memory,
    growth_by_images,
    growth_by_size,
    mapped_images,
    named_bytes,
    write_images,
)
from minigan.bench.setting import mnist_2014, new_game, random_images
from minigan.errors import UserError
from minigan.game import Game

RECIPE = mnist_2014("algorithm1", 4, 1 / 40)


def test_named_bytes_by_hand() -> None:
    G, D = [100, 30, 30, 30, 30, 784, 784], [784, 784, 30, 6, 6, 30, 6, 6, 1]
    theta = 100 * 30 + 30 + 30 * 30 + 30 + 30 * 784 + 784
    theta += 784 * 30 + 30 + 6 * 30 + 30 + 6 + 1
    m = 4
    ys = m * sum(G[1:-1]) + m * sum(G[1:]) + 2 * m * sum(D[1:]) + m * sum(D[1:])
    dxs = 2 * m * sum(G[:-1]) + 3 * m * sum(D[:-1])
    batch_and_da = 2 * m * 784 + 2 * m
    game = new_game(RECIPE, random_images(10))
    assert named_bytes(game) == 4 * (3 * theta + ys + dxs + batch_and_da)


def test_a_memory_leak_in_an_iteration_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    correct = UPDATE_ORDERS["algorithm1"]

    def leaking(game: Game, t: int) -> object:
        kept.append(np.zeros(100_000))
        return correct(game, t)

    images = random_images(10)
    normal = game_memory(RECIPE, images, iterations=4)
    monkeypatch.setitem(UPDATE_ORDERS, "algorithm1", leaking)
    leaky = game_memory(RECIPE, images, iterations=4)
    assert normal.named == leaky.named
    assert abs(normal.left) < 10_000
    assert 0 < normal.beyond < normal.named / 2  # draws and temporaries, not the game itself
    assert leaky.left == pytest.approx(3 * 800_000, rel=0.01)
    assert leaky.beyond - normal.beyond == pytest.approx(4 * 800_000, rel=0.1)


def test_each_size_has_a_row_with_its_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "IMAGES", 50)
    table = growth_by_size((3, 5), (1 / 40, 1 / 20), schedule="algorithm1", rounds=2, at_least=0)
    assert [row[:2] for row in table.rows] == [(3, 1 / 40), (5, 1 / 40), (5, 1 / 20)]
    assert all(table.column("check"))
    assert all(isinstance(difference, float) for difference in table.column("max difference"))


def test_a_file_of_images_is_memory_mapped(tmp_path: Path) -> None:
    file = tmp_path / "pixels"
    write_images(file, 25, at_once=10)
    pixels = mapped_images(file)
    assert pixels.shape == (25, 784)
    assert type(pixels) is np.ndarray
    np.testing.assert_array_equal(pixels[20:], random_images(10).pixels[:5])
    assert isinstance(pixels.base, np.memmap)


def test_a_full_disk_raises_an_error_that_names_tmpdir() -> None:
    with pytest.raises(UserError, match=r"1000 images need 1 MB in /dev, .* set TMPDIR"):
        write_images(Path("/dev/full"), 1000)


def test_the_memory_probe_reports_each_count() -> None:
    table = growth_by_images((10, 20), (1, 3), schedule="algorithm1", width=1 / 40, threads=1)
    assert [row[:2] for row in table.rows] == [(10, 1), (10, 3), (20, 1), (20, 3)]
    assert all(table.column("check"))
