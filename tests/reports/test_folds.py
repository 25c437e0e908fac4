"""The five folds of the TFD: each has its own sigma, and training images are scored too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from minigan.data import tfd
from minigan.evaluation.protocol import GRID
from minigan.reports import folds
from minigan.reports.folds import WIDER, score_folds
from minigan.reports.likelihood import Source


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> tfd.FaceDatabase:
    file = tmp_path_factory.mktemp("tfd") / tfd.NAME
    tfd.write(file, unlabelled=12, labelled=60)
    return tfd.read(file)


def slow(samples: np.ndarray, x: np.ndarray, sigma: float) -> float:
    """The mean over x of log 1/N sum_i N(x; s_i, sigma^2 I), one Gaussian at a time, with SciPy."""
    logs = []
    samples = samples.astype(np.float64)
    for row in x.astype(np.float64):
        each = [norm.logpdf(row, s, sigma).sum() for s in samples]
        largest = max(each)
        logs.append(largest + math.log(np.mean([math.exp(one - largest) for one in each])))
    return float(np.mean(logs))


def test_each_fold_has_the_best_sigma_of_its_validation_images(database: tfd.FaceDatabase) -> None:
    samples = database.unlabelled[:4].all()
    found = score_folds(Source(samples, "four images"), database)
    for sigmas, result in ((GRID, found.paper), (WIDER, found.wider)):
        for fold, one in enumerate(result.folds):
            validation, test = (
                database.part(fold, part).all() for part in (tfd.VALIDATION, tfd.TEST)
            )
            best = max(sigmas, key=lambda sigma: slow(samples, validation, sigma))
            assert one.choice.sigma == pytest.approx(best)
            assert pytest.approx(slow(samples, test, best), rel=1e-9) == one.LL
        each = [one.LL for one in result.folds]
        assert pytest.approx(np.mean(each)) == result.LL
        assert pytest.approx(np.std(each) / math.sqrt(5)) == result.error
    # As many training images as there are, and never more than the protocol has samples.
    assert found.centres == 12
    images = Source(database.unlabelled.all(), "all")
    assert pytest.approx(found.training_paper.LL) == score_folds(images, database).paper.LL


def test_what_departs_from_the_paper_is_said(
    database: tfd.FaceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = database.unlabelled.all()
    text = str(score_folds(Source(samples, "twelve images"), database))
    assert text.startswith("log-likelihood of the test images of five folds under twelve images\n")
    assert "warning: the paper uses 10,000 samples, and these are 12" in text
    assert "warning: these 12 training images are not the 10,000 of the paper" in text
    assert max(map(len, text.partition("warning")[0].splitlines())) <= 80
    edges = "at the edge of the paper's grid: the wider grid", "at the edge of the wider grid: a"
    for grid, at_edge in ((np.geomspace(0.01, 1, 9), False), (np.array([0.5, 1.0]), True)):
        for name in ("GRID", "WIDER"):
            monkeypatch.setattr(folds, name, grid)
        text = str(score_folds(Source(samples, "twelve images"), database))
        assert [edge in text for edge in edges] == [at_edge, at_edge]


def test_the_json_has_each_fold(database: tfd.FaceDatabase) -> None:
    found = score_folds(Source(database.unlabelled.all(), "twelve"), database).to_json()
    assert len(found["samples, a wider grid"]["folds"]) == 5
    assert found["samples, the paper's grid"]["folds"][0]["sigma"] in GRID
    assert found["warnings"]
