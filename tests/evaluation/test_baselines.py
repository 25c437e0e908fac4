"""The baselines are scored by the protocol, and their cache never causes an error."""

from __future__ import annotations

import os
from pathlib import Path

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
