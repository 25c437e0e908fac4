"""Trains a recipe on points with several seeds, and counts the modes that each G finds.

Each run is written to OUT/NAME-seed-SEED and measured by 10,000 samples of its last state, with
`minigan.evaluation.modes`. All measurements are written to one record, OUT/NAME.json. A finished
run is not trained again, and a stopped one is resumed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from minigan.data.points import SHAPES
from minigan.errors import UserError
from minigan.evaluation.modes import mode_coverage
from minigan.reports.table1.reproduce import name_of_run, train_or_resume
from minigan.system.files import write_atomically
from minigan.training.recipes import Recipe
from minigan.training.recorder import Reporting
from minigan.training.runs import log
from minigan.training.runs.directory import RunDirectory
from minigan.training.sampling import load_sampler

SAMPLES, SEED_OF_SAMPLES = 10_000, 0


@dataclass(frozen=True)
class ModesOfRun:
    """The mode coverage of one run: see `minigan.evaluation.modes.ModeCoverage`.

    `KL` is None if no sample is near a mode.
    """

    seed: int
    found: int
    near: float
    KL: float | None
    seconds: float


@dataclass(frozen=True)
class ModesOfRecipe:
    """The recipe, the mode coverage of its runs, and the environment of the last one."""

    recipe: Recipe
    modes: int
    runs: tuple[ModesOfRun, ...]
    environment: dict[str, Any]

    def __str__(self) -> str:
        """A table in Markdown, and a sentence."""
        lines = ["| seed | modes | within 3 s | KL | seconds |", "|---|---|---|---|---|"]
        lines += [
            f"| {run.seed} | {run.found} of {self.modes} | {100 * run.near:.1f} % | "
            f"{'' if run.KL is None else f'{run.KL:.3f}'} | {run.seconds:.0f} |"
            for run in self.runs
        ]
        whole = sum(run.found == self.modes for run in self.runs)
        return "\n".join([*lines, f"all modes found by {whole} of {len(self.runs)} seeds"])


def modes_of_recipe(
    recipe: Recipe, seeds: Sequence[int], out: Path, device: str | None, quiet: bool
) -> ModesOfRecipe:
    """Trains the runs that are missing, measures all, and writes the record.

    Raises UserError if the data are not points with known modes, or if training stops. Raises
    KeyboardInterrupt after an interrupt; all completed work is saved.
    """
    if recipe.data.set not in SHAPES:
        raise UserError(
            f"{recipe.name} has data.set = {recipe.data.set!r}, whose modes are not known: use one "
            f"of {', '.join(SHAPES)}"
        )
    mixture = SHAPES[recipe.data.set]()
    runs, environment = [], {}
    for seed in seeds:
        folder = out / name_of_run(recipe, seed)
        if failure := train_or_resume(recipe, seed, folder, device, None, Reporting(quiet=quiet)):
            raise UserError(f"seed {seed}: {failure}")
        sampler, run = load_sampler(folder), RunDirectory.open(folder)
        found = mode_coverage(sampler.samples(sampler.noise(SAMPLES, SEED_OF_SAMPLES)), mixture)
        seconds = log.read(run.log)[-1].get("seconds") or 0.0
        KL = found.KL if found.near else None
        runs.append(ModesOfRun(seed, found.found, found.near, KL, seconds))
        environment = {key: one for key, one in run.read_environment().items() if key != "data"}
    result = ModesOfRecipe(recipe, len(mixture.means), tuple(runs), environment)
    table = json.dumps(asdict(result), indent=1)
    write_atomically(out / f"{recipe.name}.json", f"{table}\n".encode())
    return result
