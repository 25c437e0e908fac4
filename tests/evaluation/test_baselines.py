"""The baselines are scored by the protocol, and their cache never causes an error."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigan.draws import generator
from minigan.evaluation import baselines as module
from minigan.evaluation.baselines import score_baselines
from minigan.evaluation.kmeans import kmeans
from minigan.evaluation.protocol import choose, score

RNG = np.random.default_rng(0)
TRAIN, VALIDATION, TEST = (RNG.random((N, 4)).astype(np.float32) for N in (150, 30, 40))


def test_each_baseline_is_scored_by_the_protocol() -> None:
    baselines = score_baselines(TRAIN, VALIDATION, TEST)
    centres = {
        "mean image": TRAIN.mean(axis=0)[None],
        "150 training images": TRAIN,
        "k-means, 100 centres": kmeans(TRAIN, 100, generator(0, "k-means", 100)),
    }
    assert [baseline.name for baseline in baselines] == list(centres)
    for baseline in baselines:
        samples = centres[baseline.name]
        expected = score(samples, TEST, choose(samples, VALIDATION))
        assert pytest.approx(expected.LL, abs=1e-4) == baseline.LL
        assert baseline.error == pytest.approx(expected.error, abs=1e-4)
        assert (baseline.sigma, baseline.centres) == (expected.choice.sigma, len(samples))


def test_a_large_data_set_has_all_baselines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FEW", 10), ("SAMPLES", 100), ("CENTRES", (5, 20))):
        monkeypatch.setattr(module, name, value)
    baselines = score_baselines(TRAIN, VALIDATION, TEST)
    expected = score(TRAIN[:10], TEST, choose(TRAIN[:10], VALIDATION))
    assert pytest.approx(expected.LL, abs=1e-4) == baselines[1].LL
    assert [baseline.name for baseline in baselines] == [
        "mean image",
        "10 training images",
        "100 training images",
        "k-means, 5 centres",
        "k-means, 20 centres",
    ]


def test_the_numbers_of_images_are_those_of_the_table() -> None:
    assert (module.FEW, module.SAMPLES, module.CENTRES) == (1_000, 10_000, (100, 1_000))


def test_as_many_centres_as_images_are_no_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CENTRES", (149, 150))
    names = [baseline.name for baseline in score_baselines(TRAIN, VALIDATION, TEST)]
    assert names == ["mean image", "150 training images", "k-means, 149 centres"]


def test_the_mean_image_is_added_up_in_float64() -> None:
    # In float32, 2^24 + 1 = 2^24 and the mean is 0.
    train = np.array([[0.0], [2.0**24], [1.0], [-(2.0**24)]], np.float32)
    mean, x = np.array([[0.25]]), np.array([[0.0], [0.5]], np.float32)
    expected = score(mean, x, choose(mean, x))
    assert pytest.approx(expected.LL) == score_baselines(train, x, x)[0].LL


def test_a_baseline_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        module.Baseline("mean image", 1, 0.0, 0.0, 0.1).LL = 1.0  # type: ignore[misc]


def test_the_baselines_are_computed_once_for_each_data_set(tmp_path: Path) -> None:
    logged: list[str] = []
    first = score_baselines(TRAIN, VALIDATION, TEST, tmp_path / "new", logged.append)
    assert logged == [baseline.name for baseline in first]
    again = score_baselines(TRAIN, VALIDATION, TEST, tmp_path / "new", logged.append)
    assert again == first
    assert len(logged) == len(first)
    for other in ((TRAIN[1:], VALIDATION, TEST), (TRAIN, VALIDATION[1:], TEST)):
        logged.clear()
        score_baselines(*other, tmp_path / "new", logged.append)
        assert len(logged) == len(first)
    logged.clear()
    score_baselines(TRAIN, VALIDATION, TEST[:-1], tmp_path / "new", logged.append)
    assert len(logged) == len(first)


def test_other_numbers_another_shape_and_other_settings_have_their_own_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, logged = tmp_path / "new" / "folder", list[str]()

    def computed(*data: Any) -> bool:
        logged.clear()
        score_baselines(data[0], data[1], data[2], folder, logged.append)
        return bool(logged)

    small = TRAIN[:8], VALIDATION, TEST
    assert computed(*small)
    assert not computed(*small)
    for place in range(3):
        assert computed(*[1 - x if i == place else x for i, x in enumerate(small)])
    assert computed(*[x.reshape(-1, 2) for x in small])
    for name, value in (("FEW", 3), ("SAMPLES", 4), ("CENTRES", (5,)), ("FORMAT", 0)):
        monkeypatch.setattr(module, name, value)
        assert computed(*small)
        assert not computed(*small)


@pytest.mark.parametrize(("bytes_", "read"), [(10**6, True), (10**6 + 1, False)])
def test_a_cache_of_more_than_a_megabyte_is_not_read(
    tmp_path: Path, bytes_: int, read: bool
) -> None:
    data, logged = (TRAIN[:2], VALIDATION[:2], TEST[:2]), list[str]()
    score_baselines(*data, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().ljust(bytes_))
    score_baselines(*data, tmp_path, logged.append)
    assert bool(logged) is not read


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'[{"name": "x"}]', b"\xff"])
def test_a_damaged_cache_is_replaced(tmp_path: Path, content: bytes) -> None:
    first = score_baselines(TRAIN, VALIDATION, TEST, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert score_baselines(TRAIN, VALIDATION, TEST, tmp_path) == first
    assert score_baselines(TRAIN, VALIDATION, TEST, tmp_path, pytest.fail) == first


def test_an_unwritable_cache_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert score_baselines(TRAIN, VALIDATION, TEST, tmp_path / "file" / "cache")
    if os.geteuid() != 0:
        (tmp_path / "read-only").mkdir(mode=0o500)
        assert score_baselines(TRAIN, VALIDATION, TEST, tmp_path / "read-only")
