"""The model of a run folder: the samples of its checkpoint, without the data set."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_relative
from runs_of import QUIET, train

from minigan.errors import UserError
from minigan.training import sampling, trainer
from minigan.training.relatives.loading import load_model, trains_a_relative


@pytest.mark.parametrize("kind", tiny_relative.KINDS)
def test_a_loaded_model_draws_the_samples_of_the_trained_one(kind, tmp_path) -> None:
    experiment = tiny_relative.experiment(kind)
    for t in range(6):
        experiment.iterate(t)
    run = trainer.train(tiny_relative.recipe(kind), 1, out=tmp_path / "run", reporting=QUIET).run
    assert trains_a_relative(run.path)
    experiment.model.prepare_chains(experiment.images)
    expected = experiment.model.samples(8, 5)
    assert np.array_equal(load_model(run.path).samples(8, 5), expected)
    assert np.array_equal(sampling.samples_of_run(run.path, "last", 8, 5)[0], expected)
    out = sampling.sample(run.path, 8, 5, tmp_path / "x.npy")
    assert np.array_equal(np.load(out), expected)
    assert sampling.sample(run.path, 8, 5, tmp_path / "x.png").stat().st_size > 100
    with pytest.raises(UserError, match="has a model for the CPU only: use --device cpu, not cuda"):
        sampling.sample(run.path, 8, 5, tmp_path / "y.npy", device="cuda")


def test_the_run_of_a_gan_is_refused(tmp_path) -> None:
    path = train(tmp_path / "run").run.path
    assert not trains_a_relative(path)
    with pytest.raises(UserError, match="is the run of a GAN: draw its samples with load_sampler"):
        load_model(path)
