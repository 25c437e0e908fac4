"""The fields of a log line and the text of the progress line, of a GAN and of other models."""

from __future__ import annotations

import pytest
import tiny
import tiny_relative

from minigan.training.log_line import columns_of, line_of
from minigan.training.metrics import compute_metrics


def test_a_gan_has_the_metrics_of_the_game_and_the_hyperparameters_of_G() -> None:
    experiment = tiny.experiment()
    logits = experiment.iterate(0)
    line, text = line_of(experiment, logits, 1)
    metrics = compute_metrics(logits, experiment.game.objective)
    assert line == {**metrics.line(), "eta": 0.1, "mu": 0.5}
    assert tuple(line) == columns_of(experiment)
    assert text == metrics.describe(experiment.game.objective)
    penalty = tiny.experiment(discriminator__penalty="R1", discriminator__penalty_weight=0.1)
    assert "penalty" in columns_of(penalty)


@pytest.mark.parametrize(
    ("kind", "layer", "begins"),
    [("cae", {"layer": 1}, "layer 1 of 2  loss "), ("gsn", {}, "loss ")],
)
def test_another_model_has_its_loss_and_a_stack_its_layer(kind, layer, begins) -> None:
    experiment = tiny_relative.experiment(kind)
    loss = experiment.iterate(0)
    line, text = line_of(experiment, loss, 1)
    assert line == {**layer, "loss": loss(), "eta": 0.1, "mu": 0.5}
    assert tuple(line) == columns_of(experiment)
    assert text == f"{begins}{loss():.3f}"
