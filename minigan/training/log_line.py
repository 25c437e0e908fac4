"""The fields of a log line besides iteration and seconds, and the text of the progress line.

of a GAN        V, loss_g, D_x, D_Gz, the penalty if there is one; the hyperparameters of G
of a relative   the layer of a stack, its loss and its hyperparameters
"""

from __future__ import annotations

from typing import Any

from minigan.training.following import metrics_of_all_ranks
from minigan.training.metrics import METRICS
from minigan.training.relatives.experiment import AnyExperiment, RelativeExperiment


def columns_of(experiment: AnyExperiment) -> tuple[str, ...]:
    """The names of the fields."""
    if isinstance(experiment, RelativeExperiment):
        return experiment.columns
    game = experiment.game
    metrics = METRICS if game.penalty else [name for name in METRICS if name != "penalty"]
    return (*metrics, *game.player_g.hyperparameters(0))


def line_of(experiment: AnyExperiment, found: Any, t: int) -> tuple[dict[str, float], str]:
    """The fields after iteration t, where `iterate` has returned `found`, and the text."""
    if isinstance(experiment, RelativeExperiment):
        line = experiment.line(found)
        layers = len(experiment.model.players)
        text = f"layer {line['layer']} of {layers}  " if "layer" in line else ""
        return line, f"{text}loss {line['loss']:.3f}"
    metrics = metrics_of_all_ranks(experiment, found, t)
    g = experiment.game.player_g
    line = {**metrics.line(), **g.hyperparameters(g.updates - 1)}
    return line, metrics.describe(experiment.game.objective)
