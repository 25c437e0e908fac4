"""What a run records in environment.json besides its seed; `runs.facts` reads it back.

run_environment    device, ranks, versions, BLAS, processor: also recorded at each resumption
data_facts         the data set, its digests and where it was loaded from
parts_facts        the custom parts, and the equilibrium of a custom objective
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from minigan.system.environment import environment
from minigan.training.parts import Parts
from minigan.training.relatives.experiment import AnyExperiment


def run_environment(experiment: AnyExperiment) -> dict[str, Any]:
    """Everything besides recipe, seed and data that may influence the results of a run."""
    ranks = {"ranks": experiment.ranks.size} if experiment.ranks.size > 1 else {}
    return {"device": experiment.backend.name, **ranks, **environment()}


def parts_facts(parts: Parts) -> dict[str, Any]:
    """The entries of environment.json about custom parts; empty if there are none."""
    entries: dict[str, Any] = {"parts": parts.description} if parts.description else {}
    if parts.objective:
        equilibrium = parts.objective.equilibrium._asdict()
        entries["objective"] = {"unit": parts.objective.unit, "equilibrium": equilibrium}
    return entries


def data_facts(experiment: AnyExperiment, data_dir: Path | None) -> dict[str, Any]:
    """The entry of environment.json about the data set."""
    data = experiment.data
    where = None if data_dir is None else os.path.realpath(data_dir)
    facts = {"set": data.name, "where": where, "shape": data.shape, "digest": data.digest}
    more: dict[str, Any] = {"notes": data.notes} if data.notes else {}
    if experiment.classes:
        more["classes"] = experiment.classes.names
    return {**facts, "splits": data.digest_of_splits, **more}
