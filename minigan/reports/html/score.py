"""The Parzen score of a run's last and best checkpoints, in the ladder of things that are no model.

By the paper's protocol, as `minigan parzen` does it: 10,000 samples of seed 0, sigma by validation
images, the mean over the test images. Whichever checkpoint is the best was chosen without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minigan.data.images import Images
from minigan.errors import UserError
from minigan.evaluation.baselines import Baseline
from minigan.evaluation.protocol import SAMPLES
from minigan.evaluation.quality import N_SAMPLES, judge
from minigan.reports import likelihood
from minigan.reports.html.history import History
from minigan.reports.html.markup import Html, element, html_table, signed, together
from minigan.reports.likelihood import Estimate
from minigan.training import sampling

SEED = 0


@dataclass(frozen=True)
class _Row:
    name: str
    baseline: Baseline
    of_the_run: bool = False


def judgement(history: History) -> str | None:
    """The sentence with which a finished run ends, of its last checkpoint; None without data.

    Raises UserError where the checkpoint cannot be used.
    """
    if history.data is None:
        return None
    sampler = sampling.load_sampler(history.path)
    return str(judge(sampler.samples(sampler.noise(N_SAMPLES, history.seed)), history.data))


def score_section(history: History, tell: Callable[[str], None], quiet: bool) -> Html:
    """The ladder with the run in its place, or a sentence where there can be none.

    `tell` hears what takes time; unless `quiet`, a terminal shows how far it is.
    """
    data = history.data
    if data is None:
        return element("p", f"There is no score: {history.without_data}.")
    if not isinstance(data.train, Images):
        return element("p", "These data are points; the paper's log-likelihood is that of images.")
    found: dict[str, Estimate] = {}
    for which in _states(history):
        tell(f"the log-likelihood of the {which} checkpoint")
        try:
            source = likelihood.of_run(history.path, which, SAMPLES, SEED)
        except UserError as error:
            return element("p", f"There is no score: {error}.")
        found[which] = likelihood.estimate(source, data, beside=not found, quiet=quiet)
    return together([_ladder(history, found), *_notes(found)])


def _states(history: History) -> list[str]:
    """last, and best where that is another state."""
    names: list[str] = [name for name in ("last", "best") if name in history.checkpoints]
    if history.best and history.best.iteration == history.iteration:
        names = names[:1]
    return names or ["last"]


def _ladder(history: History, found: dict[str, Estimate]) -> Html:
    first = found["last"]
    rows = [
        _Row(f"{baseline.name}{' (perfect model)' if baseline is first.perfect else ''}", baseline)
        for baseline in first.baselines
    ]
    for which, one in found.items():
        name, s = f"this G, {which} checkpoint", one.score
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
    words = (
        f"Log-likelihood of {first.score.tests:,} test images of {first.data}, in nats, by the "
        "paper's protocol: a Gaussian of width sigma round each of the samples, sigma chosen on "
        "validation images. The error is that of the test images alone. The other lines are no "
        "models, and say what a number is worth."
    )
    heading = ["of", "LL, nats", "± error", "sigma", "samples"]
    return together([element("p", words), html_table(heading, cells, "ladder")])


def _notes(found: dict[str, Estimate]) -> list[Html]:
    """The warnings, each once."""
    return [
        element("p", f"Warning, {which} checkpoint: {warning}.", class_="warning")
        for which, one in found.items()
        for warning in one.warnings()
    ]
