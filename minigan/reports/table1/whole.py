"""The whole Table 1: DBN, stacked CAE, deep GSN and adversarial nets, ours beside the paper's.

    DBN                NAME-dbn      trained by minigan like a GAN (`minigan.training.relatives`)
    Stacked CAE        NAME-cae
    Deep GSN           NAME-gsn
    Adversarial nets   NAME          mnist or digits

Each run is trained or resumed in OUT/RECIPE-seed-SEED, and its score is the file of this name that
ends in .json. A run with a score is not made again.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from threadpoolctl import threadpool_limits

from minigan.errors import UserError
from minigan.reports.table1.record import NOT_COMPARED, PUBLISHED
from minigan.reports.table1.reproduce import name_of_run, train_or_resume
from minigan.reports.table1.score import (
    RunScore,
    plain_settings,
    read_score,
    score_of_run,
    write_score,
)
from minigan.reports.table1.side_by_side import Failures, in_processes, threads_of_each
from minigan.training import recipes
from minigan.training.recipes import AnyRecipe, Recipe
from minigan.training.recorder import Reporting

# Model, ending of the recipe, and the log-likelihoods that the paper reports on MNIST and on TFD.
PAPER = (
    ("DBN", "-dbn", "138 ± 2", "1909 ± 66"),
    ("Stacked CAE", "-cae", "121 ± 1.6", "2110 ± 50"),
    ("Deep GSN", "-gsn", "214 ± 1.1", "1890 ± 29"),
    ("Adversarial nets", "", "225 ± 2", "2057 ± 26"),
)
BASES = ("mnist", "digits")
PUBLISHED_GSN = "mnist-gsn-2013"
TFD = (
    "TFD: ours needs the file TFD_48x48.mat, which cannot be downloaded. With it:\n"
    "  minigan train tfd-2014 --data-dir DIR     then tfd-2014-stage-2\n"
    "  minigan train mnist-dbn --set data.set=tfd --data-dir DIR\n"
    "  minigan parzen RUN --folds"
)
CHAINS = (
    "The samples of DBN, CAE and GSN are means of pixels at the ends of chains from noise, one "
    "chain each. The ± is the standard error over the test images; with several seeds, the "
    "standard deviation of their scores."
)


@dataclass(frozen=True)
class WholeTable:
    """The scores of the runs of each row, in the order of PAPER."""

    base: str
    rows: tuple[tuple[RunScore, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """The scores by model."""
        named = zip(PAPER, self.rows, strict=True)
        return {model: [asdict(one) for one in row] for (model, *_), row in named}

    def __str__(self) -> str:
        """The table, each run with its departures, the baselines and the warnings."""
        return "\n".join([*self._table(), "", *self._runs(), "", *self._notes()])

    def _table(self) -> Iterator[str]:
        on_mnist = self.base == "mnist"
        yield f"{'log-likelihood, nats':<22}{'MNIST':<12}{'':<16}TFD"
        data = "ours" if on_mnist else f"ours, {self.base}"
        yield f"{'':<22}{'paper':<12}{data:<16}{'paper':<14}ours"
        for (model, _, mnist, tfd), row in zip(PAPER, self.rows, strict=True):
            yield f"{model:<22}{mnist:<12}{_mean_text(row):<16}{tfd:<14}no data"

    def _runs(self) -> Iterator[str]:
        yield f"{'run':<24}{'epochs':>7}{'minutes':>9}{'LL':>16}{'sigma':>8}{'finer sigma':>13}"
        for row in self.rows:
            for one in row:
                LL = f"{one.test.LL:.1f} ± {one.test.error:.1f}"
                yield (
                    f"{one.name + f', seed {one.seed}':<24}{one.epochs:>7.1f}"
                    f"{one.seconds / 60:>9.1f}{LL:>16}{one.test.sigma:>8.3f}{one.finer.LL:>13.1f}"
                )
        yield ""
        yield "samples that are not those of a model:"
        for baseline in self.rows[0][0].baselines:
            LL = f"{baseline.LL:.1f} ± {baseline.error:.1f}"
            yield f"{baseline.name:<40}{LL:>16}{baseline.sigma:>8.3f}"

    def _notes(self) -> Iterator[str]:
        for row in self.rows:
            yield from _wrapped(f"{row[0].name}: {departures(row[0].recipe)}")
        for row in self.rows:
            for one in row:
                for warning in (*((one.failure,) if one.failure else ()), *one.warnings):
                    yield from _wrapped(f"warning, {one.name}, seed {one.seed}: {warning}")
        yield from _wrapped(CHAINS)
        yield TFD


def recipes_of_rows(base: str) -> list[AnyRecipe]:
    """The recipe of each row. Raises UserError for another base than mnist and digits."""
    if base not in BASES:
        raise UserError(
            f"--all needs a DBN, a CAE and a GSN beside the recipe, and {base} has none: use "
            "--recipe mnist, or --recipe digits for a table in minutes"
        )
    return [recipes.load_any(f"{base}{ending}") for _, ending, *_ in PAPER]


def whole_table1(
    base: str,
    seeds: Sequence[int],
    out: Path,
    device: str | None = None,
    data_dir: Path | None = None,
    quiet: bool = False,
    jobs: int = 1,
) -> tuple[WholeTable | None, Failures]:
    """The table, and why runs have failed; there is no table if one has.

    `device` is that of the GAN. Raises KeyboardInterrupt after an interrupt; completed work is
    saved.
    """
    rows = recipes_of_rows(base)
    runs = {name_of_run(recipe, seed): (recipe, seed) for recipe in rows for seed in seeds}
    make = partial(_try_row, runs, out, device, data_dir, quiet, jobs)
    if jobs > 1:
        failures = in_processes(make, list(runs), jobs)
    else:
        reasons = {name: make(name, 0) for name in runs}
        failures = {name: reason for name, reason in reasons.items() if reason is not None}
    if failures:
        return None, failures
    return WholeTable(
        base,
        tuple(
            tuple(read_score(out / f"{name_of_run(recipe, seed)}.json") for seed in seeds)
            for recipe in rows
        ),
    ), failures


def _try_row(
    runs: dict[str, tuple[AnyRecipe, int]],
    out: Path,
    device: str | None,
    data_dir: Path | None,
    quiet: bool,
    jobs: int,
    name: str,
    place: int,
) -> str | None:
    """Make the run of a name and its score; returns why it failed."""
    recipe, seed = runs[name]
    file, run = out / f"{name}.json", out / name
    reporting = Reporting(quiet=quiet, label=name, place=place)
    try:
        if file.exists():
            found = read_score(file)
            if (found.recipe, found.seed) != (plain_settings(recipe), seed):
                return f"{file} has another recipe or seed: choose another --out"
            return None
        threads = threads_of_each(jobs) if jobs > 1 else None
        with threadpool_limits(threads, user_api="blas"):
            of_gan = device if isinstance(recipe, Recipe) else None
            folder = data_dir if recipe.data.set != "digits" else None
            failure = train_or_resume(recipe, seed, run, of_gan, folder, reporting)
            write_score(score_of_run(run, folder, quiet or jobs > 1, failure or ""), file)
    except MemoryError:
        return "not enough memory: use fewer --jobs"
    except (UserError, OSError) as error:
        return str(error)
    return None


def departures(settings: dict[str, Any]) -> str:
    """What differs from the published configuration of the model, as the end of a sentence."""
    kind = settings.get("model", {}).get("kind")
    if kind in ("dbn", "cae"):
        hidden = "-".join(map(str, settings["model"]["hidden"]))
        return f"no configuration is published; {hidden} units and all settings are ours"
    published = plain_settings(recipes.load_any(PUBLISHED_GSN if kind else PUBLISHED))
    changed = [
        f"{key}={value}"
        for table, values in settings.items()
        if isinstance(values, dict) and table != "log"
        for key, value in values.items()
        if value != published[table][key] and f"{table}.{key}" not in NOT_COMPARED
    ]
    name = PUBLISHED_GSN if kind else PUBLISHED
    return f"settings that differ from {name}: {', '.join(changed) or 'none'}"


def _mean_text(row: Sequence[RunScore]) -> str:
    """LL and its error, or the mean and the deviation of several seeds."""
    scores = [one.test.LL for one in row]
    error = stdev(scores) if len(scores) > 1 else row[0].test.error
    return f"{mean(scores):.1f} ± {error:.1f}"


def _wrapped(text: str) -> list[str]:
    """The text in lines of at most 80 characters."""
    return textwrap.wrap(text, 80, subsequent_indent="  ", break_on_hyphens=False)
