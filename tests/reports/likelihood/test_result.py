"""The text of a score, and its warnings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigan.data import sets
from minigan.evaluation.baselines import Baseline
from minigan.evaluation.protocol import GRID
from minigan.reports.likelihood import Source, estimate, of_file, scoring

DIGITS = sets.load("digits")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scoring, "_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def samples(N: int = 50, seed: int = 0) -> Any:
    noise = np.random.default_rng(seed).normal(0, 0.05, (N, 64))
    return np.clip(DIGITS.train.all()[:N] + noise, 0, 1).astype(np.float32)


BASE = estimate(Source(samples(400), "samples"), DIGITS, with_baselines=False)


def test_the_text_contains_the_baselines_and_they_are_cached(cache: Path) -> None:
    found = estimate(Source(samples(), "samples"), DIGITS)
    assert len(list(cache.iterdir())) == 1
    assert found.perfect is None  # there are fewer than 10,000 training digits
    text = str(found)
    for baseline in found.baselines:
        assert f"{baseline.LL:.1f} ± {baseline.error:.1f} nats" in text
    perfect = Baseline("10,000 training images", 10_000, 242.5, 2.1, 0.17)
    assert str(replace(found, baselines=(*found.baselines, perfect))).count("(perfect model)") == 1
    assert f"{found.score.LL:.1f} ± {found.score.error:.1f} nats" in text
    assert f"{found.score.LL / np.log(2):.1f} bits" in text


def warning(**changes: Any) -> str:
    """The only warning, or "", of a score of 10,000 distinct samples with the given changes."""
    found = replace(BASE, score=replace(BASE.score, N=10_000), distinct=10_000)
    of_score = {key: value for key, value in changes.items() if key in ("N", "LL", "error")}
    of_all = {key: value for key, value in changes.items() if key not in of_score}
    found = replace(found, score=replace(found.score, **of_score), **of_all)
    sentences = found.warnings()
    assert len(sentences) <= 1
    return "".join(sentences)


def test_each_deviation_from_the_protocol_has_a_warning() -> None:
    assert warning() == ""
    fewer, more = warning(N=9_999, distinct=9_999), warning(N=10_001, distinct=10_001)
    assert "9,999 samples are fewer than the 10,000 of the protocol" in fewer
    assert "between -1 and 1" in warning(lowest=-1.0)
    assert "between 0 and 255" in warning(highest=255.0)
    assert "3 of the 10,000 samples repeat others" in warning(distinct=9_997)
    assert "equal each other or all occur among the samples" in warning(error=0.0)
    assert "less than half of the range of the images, 0 to 1" in warning(lowest=0.1, highest=0.59)
    assert warning(lowest=0.1, highest=0.61) == ""
    assert warning(lowest=0.4, highest=0.6, range_of_images=(0.3, 0.65)) == ""
    assert warning(notes=("not used: 3 files",)) == "not used: 3 files"
    assert "10,001 samples are more than the 10,000 of the protocol" in more
    perfect = Baseline("10,000 training images", 10_000, 242.5, 2.1, 0.17)
    assert warning(baselines=(perfect,), LL=245.0, error=2.0) == ""
    assert "higher than that of 10,000 training images" in warning(
        baselines=(perfect,), LL=250.0, error=2.0
    )
    assert warning(baselines=(replace(perfect, name="k-means, 100 centres"),), LL=250.0) == ""


def test_a_sigma_at_the_edge_of_the_grid_has_a_warning() -> None:
    edge = replace(BASE.score.choice, sigma=float(GRID[0]))
    found = replace(BASE, score=replace(BASE.score, choice=edge))
    assert any("at the edge of the grid" in sentence for sentence in found.warnings())


def test_test_images_among_the_samples_have_a_warning() -> None:
    leak = estimate(Source(DIGITS.test.all(), "test images"), DIGITS, with_baselines=False)
    valid = estimate(Source(DIGITS.train.all(), "training images"), DIGITS, with_baselines=False)
    assert leak.score.LL > valid.score.LL
    assert any("among the samples" in sentence for sentence in leak.warnings())
    assert not any("among the samples" in sentence for sentence in valid.warnings())
    repeated = np.concatenate([DIGITS.test.all()[:5]] * 3)
    assert estimate(Source(repeated, "repeated"), DIGITS, with_baselines=False).distinct == 5


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: (x > 0.5).astype(np.uint8),
        lambda x: np.round(16 * x).astype(np.uint8),
        lambda x: np.round(100 * x).astype(np.uint8),
        lambda x: x / np.float32(255),
        lambda x: (255 * x).astype(np.float32),
        lambda x: 2 * x - 1,
    ],
    ids=["0 or 1", "0 to 16", "percent", "divided twice", "floats to 255", "-1 to 1"],
)
def test_samples_of_another_scale_have_a_warning(tmp_path: Path, wrong: Any) -> None:
    np.save(tmp_path / "s.npy", wrong(DIGITS.train.all()[:100]))
    source = of_file(tmp_path / "s.npy", DIGITS)
    (said,) = [
        sentence
        for sentence in estimate(source, DIGITS, with_baselines=False).warnings()
        if "pixel values" in sentence
    ]
    assert "rescale" in said
