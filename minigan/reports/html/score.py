"""The section with the Parzen scores of the last and best checkpoints, compared with baselines.

The scores follow the paper's protocol, as in `minigan parzen`: 10,000 samples of seed 0, sigma
chosen on the validation images, the mean over the test images. The test images are not used to
select the best checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minigan.data.images import Images
from minigan.errors import UserError
from minigan.evaluation.baselines import Baseline
from minigan.evaluation.protocol import SAMPLES
from minigan.evaluation.quality import N_SAMPLES, assess_samples
from minigan.reports import likelihood
from minigan.reports.html.history import History
from minigan.reports.html.markup import Html, element, html_table, join, signed
from minigan.reports.likelihood import Estimate
from minigan.training import sampling

SEED = 0


@dataclass(frozen=True)
class _Row:
    name: str
    baseline: Baseline
    of_the_run: bool = False


def quality_of_last_checkpoint(history: History) -> str | None:
    """The quality of samples of the last checkpoint, in the sentence that training prints.

    Returns None if the data set is not available. Raises UserError if the checkpoint is not usable.
    """
    if history.data is None:
        return None
    state = history.states.get("last")
    samples, _ = sampling.samples_of_run(history.path, "last", N_SAMPLES, history.seed, state=state)
    return str(assess_samples(samples, history.data))


def score_section(history: History, log: Callable[[str], None], quiet: bool) -> Html:
    """The table of scores of the run and the baselines, or a sentence if there is no score.

    `log` is called with the name of each computation. A progress bar is shown in a terminal unless
    `quiet`.
    """
    data = history.data
    if data is None:
        return element("p", f"The score could not be computed: {history.data_error}.")
    if not isinstance(data.train, Images):
        return element("p", "The score is defined for images, but this run was trained on points.")
    found: dict[str, Estimate] = {}
    for which in _states(history):
        log(f"the log-likelihood of the {which} checkpoint")
        try:
            data.require_test()
            state = history.states.get(which)
            source = likelihood.of_run(history.path, which, SAMPLES, SEED, state=state)
        except UserError as error:
            return element("p", f"The score could not be computed: {error}.")
        found[which] = likelihood.estimate(source, data, with_baselines=not found, quiet=quiet)
    return join([_table(found), *_warnings(found)])


def _states(history: History) -> list[str]:
    """The checkpoints to score: the last one, and the best one if it is another state."""
    names: list[str] = [name for name in ("last", "best") if name in history.checkpoints]
    if history.best and history.best.iteration == history.iteration:
        names = names[:1]
    return names or ["last"]


def _table(found: dict[str, Estimate]) -> Html:
    """The scores of the checkpoints and the baselines, in increasing order."""
    first = found["last"]
    rows = [
        _Row(f"{baseline.name}{' (perfect model)' if baseline is first.perfect else ''}", baseline)
        for baseline in first.baselines
    ]
    for which, one in found.items():
        name, s = f"this run, {which} checkpoint", one.score
        baseline = Baseline(name, s.N, s.LL, s.error, s.choice.sigma)
        rows.append(_Row(name, baseline, of_the_run=True))
    rows.sort(key=lambda row: row.baseline.LL)
    cells = [
        [
            element("b", row.name) if row.of_the_run else row.name,
            signed(f"{row.baseline.LL:,.1f}"),
            f"{row.baseline.error:.1f}",
            f"{row.baseline.sigma:.4f}",
            f"{row.baseline.centres:,}",
        ]
        for row in rows
    ]
    text = (
        f"Log-likelihood of {first.score.tests:,} test images of {first.data}, in nats, by the "
        "paper's protocol: the density is a Gaussian of width sigma around each sample, and sigma "
        "is chosen on validation images. The standard error covers the choice of the test images "
        "only. The rows without a checkpoint are baselines: sets of images that were not generated "
        "by a model."
    )
    heading = ["samples of", "LL, nats", "± error", "sigma", "number of samples"]
    return join([element("p", text), html_table(heading, cells, "baselines")])


def _warnings(found: dict[str, Estimate]) -> list[Html]:
    """The warnings of all estimates."""
    return [
        element("p", f"Warning, {which} checkpoint: {warning}.", class_="warning")
        for which, one in found.items()
        for warning in one.warnings()
    ]
