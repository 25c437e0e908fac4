"""The score of one run of any model, and its file."""

from __future__ import annotations

import json

import pytest
import tiny_relative
from runs_of import QUIET, train

from minigan.data import sets
from minigan.errors import UserError
from minigan.evaluation import protocol
from minigan.reports.table1 import score
from minigan.training import sampling, trainer


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = tiny_relative.recipe("gsn")
    path = tmp_path_factory.mktemp("score") / "run"
    return trainer.train(recipe, 3, out=path, reporting=QUIET).run.path


def test_the_best_checkpoint_is_scored_by_the_protocol(run) -> None:
    found = score.score_of_run(run)
    data = sets.load("digits")
    samples, _ = sampling.samples_of_run(run, "best", 10_000, 0)
    choice = protocol.choose(samples, data.validation.all())
    expected = protocol.score(samples, data.test.all(), choice)
    assert (found.name, found.seed, found.data, found.failure) == ("tiny-gsn", 3, "digits", "")
    assert (found.iterations, found.checkpoint) == (6, 4)
    assert found.epochs == 6 / (1197 // 10)
    assert pytest.approx(expected.LL, abs=1e-3) == found.test.LL
    assert found.test.sigma == pytest.approx(choice.sigma)
    assert found.finer.LL > -1e5
    assert "1,000 training images" in [one.name for one in found.baselines]
    assert found.recipe["model"]["kind"] == "gsn"
    assert "data" not in found.environment


def test_a_file_is_read_back_and_another_file_is_refused(run, tmp_path) -> None:
    found = score.score_of_run(run, failure="training stopped")
    file = tmp_path / "one.json"
    score.write_score(found, file)
    assert score.read_score(file) == found
    for text, sentence in (
        ("[]", "is not a score written by minigan reproduce table1 --all"),
        (file.read_text().replace('"format": 1', '"format": 2'), "is not a score written by"),
        (file.read_text().replace('"seed": 3', '"seed": -3'), "seed = -3 must be between"),
    ):
        other = tmp_path / "other.json"
        other.write_text(text)
        with pytest.raises(UserError, match=sentence):
            score.read_score(other)


def test_the_run_of_a_gan_is_scored_too(tmp_path) -> None:
    path = train(tmp_path / "run").run.path
    found = score.score_of_run(path)
    assert found.name == "tiny"
    assert json.loads(json.dumps(found.recipe)) == found.recipe
