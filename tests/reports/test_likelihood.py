"""The score of a run or a file, its baselines and its warnings."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from runs_of import train

from minigan.data import digits, sets
from minigan.errors import UserError
from minigan.evaluation import protocol
from minigan.evaluation.baselines import Baseline
from minigan.evaluation.protocol import GRID, choose, finer, score
from minigan.reports import likelihood
from minigan.reports.likelihood import Estimate, Source, estimate

DIGITS = sets.load("digits")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(likelihood, "_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def samples(N: int = 50, seed: int = 0) -> Any:
    noise = np.random.default_rng(seed).normal(0, 0.05, (N, 64))
    return np.clip(DIGITS.train.all()[:N] + noise, 0, 1).astype(np.float32)


def test_the_score_is_that_of_the_protocol_on_validation_and_test_images() -> None:
    x = samples()
    found = estimate(Source(x, "samples"), DIGITS, refine=True, with_baselines=False)
    validation, test = DIGITS.validation.all(), DIGITS.test.all()
    choice = choose(x, validation)
    assert found.score == score(x, test, choice)
    assert found.refined == score(x, test, choose(x, validation, finer(choice)))
    assert found.baselines == ()
    assert (found.lowest, found.highest) == (float(x.min()), float(x.max()))
    assert found.distinct == 50


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


BASE = estimate(Source(samples(400), "samples"), DIGITS, with_baselines=False)


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


def test_samples_are_checked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.clip(samples(50), 0.1, 0.9)
    x[3, 5], x[47, 2], x[20], x[41] = -0.5, 1.5, x[0], x[0]
    monkeypatch.setattr(likelihood, "BLOCK", 7 * 64)
    found = estimate(Source(x, "samples"), DIGITS, with_baselines=False)
    assert (found.lowest, found.highest, found.distinct) == (-0.5, 1.5, 48)


def test_only_the_first_validation_images_choose_sigma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "VALIDATION", 20)
    found = estimate(Source(samples(), "samples"), DIGITS, with_baselines=False)
    assert found.score.choice == choose(samples(), DIGITS.validation.all()[:20])


def test_pixel_values_outside_0_and_1_are_scored_in_float64() -> None:
    for x in (255 * samples(20).astype(np.float64), 2 * samples(20) - 1):
        found = estimate(Source(x, "another range"), DIGITS, with_baselines=False)
        choice = choose(x, DIGITS.validation.all(), dtype=np.float64)
        assert found.score == score(x, DIGITS.test.all(), choice, dtype=np.float64)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200, -1e200])
def test_pixel_values_that_are_not_finite_raise_an_error(value: float) -> None:
    x = samples(20).astype(np.float64)
    x[-1, -1] = value
    with pytest.raises(UserError, match="samples: some pixel values are NaN, infinite or larger"):
        estimate(Source(x, "samples"), DIGITS, with_baselines=False)


def test_points_raise_an_error() -> None:
    with pytest.raises(UserError, match="ring contains points"):
        estimate(Source(np.zeros((2, 2)), "points"), sets.load("ring"))


def test_a_run_whose_data_set_has_changed_raises_an_error(tmp_path: Path) -> None:
    run = train(tmp_path / "run").run.path
    facts = json.loads((run / "environment.json").read_text())
    facts["data"]["digest"] = "0" * 32
    (run / "environment.json").write_text(json.dumps(facts))
    with pytest.raises(UserError, match="the data set differs from the one that"):
        likelihood.data_of_run(run, None)


def test_all_validation_and_test_digits_are_used() -> None:
    assert isinstance(BASE, Estimate)
    assert len(DIGITS.validation) < 1000  # so all of them are used to choose sigma
    assert len(digits.load("test")) == BASE.score.tests


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
    source = likelihood.of_file(tmp_path / "s.npy", DIGITS)
    (said,) = [
        sentence
        for sentence in estimate(source, DIGITS, with_baselines=False).warnings()
        if "pixel values" in sentence
    ]
    assert "rescale" in said


def test_distinct_samples_are_counted_with_8_bytes_each() -> None:
    N = 50_000
    rows = np.arange(2 * N).astype(np.uint32).view(np.uint8).reshape(-1, 8)
    rows[: N // 2] = rows[N // 2 :]
    tracemalloc.start()
    found = likelihood._pixel_range_and_distinct(Source(rows, ""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == (0.0, 255.0, N // 2)
    assert peak < 30 * N  # the hashes, and the comparison of neighbours


def test_the_samples_of_a_conditional_run_are_images_of_all_classes(tmp_path: Path) -> None:
    run = train(tmp_path / "run", **tiny.CONDITIONAL).run.path
    found = likelihood.of_run(run, "last", 20, 3)
    assert np.asarray(found.samples).shape == (20, 64)
    assert found.description.endswith("(last checkpoint, seed 3, all classes equally often)")
    plain = train(tmp_path / "plain").run.path
    assert likelihood.of_run(plain, "last", 20, 3).description.endswith("seed 3)")
