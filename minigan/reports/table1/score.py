"""The score of one run of any model, by the paper's protocol: a row of the whole Table 1.

    checkpoint   best.npz, selected on validation images as the recipe says, or the last one
    LL           log-likelihood of the test images under 10,000 samples of it, in nats
    finer        the same with sigma from a finer grid, which the paper does not use

`recipe` has all settings, so a file is used again only for the same run.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from minigan.draws.minibatches import per_epoch
from minigan.errors import UserError
from minigan.evaluation.protocol import SAMPLES
from minigan.reports import likelihood
from minigan.reports.likelihood import Estimate
from minigan.reports.run_data import data_of_run
from minigan.reports.table1.record import (
    FORMAT,
    LARGEST,
    SEED_OF_SAMPLES,
    Count,
    LogLikelihood,
    Number,
    Positive,
    brief,
)
from minigan.system import files, json_files
from minigan.system.fields import Limits
from minigan.training.recipes import AnyRecipe
from minigan.training.runs import log
from minigan.training.runs.directory import RunDirectory


@dataclass(frozen=True)
class BaselineScore:
    """The score of samples that are not those of a model."""

    name: str
    LL: Number
    error: Number
    sigma: Number


@dataclass(frozen=True)
class RunScore:
    """The score of one run. `seconds` is the training time, `failure` why it stopped, or ""."""

    name: str
    seed: Annotated[int, Limits(0, 2**64 - 1)]
    data: str
    iterations: Count
    epochs: Positive
    seconds: Positive
    checkpoint: Count
    failure: str
    test: LogLikelihood
    finer: LogLikelihood
    baselines: tuple[BaselineScore, ...]
    warnings: tuple[str, ...]
    recipe: dict[str, Any]
    environment: dict[str, Any]


def score_of_run(
    path: Path, data_dir: Path | None = None, quiet: bool = True, failure: str = ""
) -> RunScore:
    """Computes the score of the run at `path`. Raises UserError if it cannot be loaded."""
    run = RunDirectory.open(path)
    recipe, facts, lines = run.read_any_recipe(), run.read_environment(), log.read(run.log)
    data = data_of_run(path, data_dir)
    which = "best" if "best" in run.checkpoints() else "last"
    source = likelihood.of_run(path, which, SAMPLES, SEED_OF_SAMPLES)
    found = likelihood.estimate(source, data, refine=True, quiet=quiet)
    last = lines[-1] if lines else {"iteration": 0}
    return RunScore(
        name=recipe.name,
        seed=facts["seed"],
        data=data.name,
        iterations=last["iteration"],
        epochs=last["iteration"] / per_epoch(len(data.train), recipe.training.m),
        seconds=last.get("seconds") or 0.0,
        checkpoint=int(run.load_checkpoint(which, required=["iteration"])["iteration"]),
        failure=failure,
        test=brief(found.score),
        finer=brief(found.refined or found.score),
        baselines=_baselines(found),
        warnings=tuple(found.warnings()),
        recipe=plain_settings(recipe),
        environment={key: value for key, value in facts.items() if key != "data"},
    )


def _baselines(found: Estimate) -> tuple[BaselineScore, ...]:
    return tuple(BaselineScore(b.name, b.LL, b.error, b.sigma) for b in found.baselines)


def plain_settings(recipe: AnyRecipe) -> dict[str, Any]:
    """The settings as they are read from a JSON file: lists, and no tuples."""
    found: dict[str, Any] = json.loads(json.dumps(asdict(recipe)))
    return found


def write_score(score: RunScore, file: Path) -> None:
    """Writes the score to `file` atomically. Raises OSError if it cannot be written."""
    text = json.dumps({"format": FORMAT, **asdict(score)}, indent=1) + "\n"
    files.write_atomically(file, text.encode())


def read_score(file: Path) -> RunScore:
    """Reads a score. Raises UserError, with the name of the field, if the file is not one."""
    table = json_files.load(file, LARGEST)
    if not isinstance(table, dict) or table.pop("format", None) != FORMAT:
        raise UserError(f"{file} is not a score written by minigan reproduce table1 --all")
    return json_files.fields_of(file, RunScore, table)
