"""Table 2 of the paper: its rows, its columns, and what measures each of its cells.

`words` say in short what the paper's cell says. `sentence` says what is measured, with the number
and its details in it. `settings` are those of the measure; `model` has settings of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minigan.reports.table2 import adversarial, autoencoders, directed, undirected
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import MODELS
from minigan.reports.table2.names import COLUMNS, ROWS

CHAIN = {"chains": 16, "burn_in": 500, "steps": 10_000}
DRAWS = {"chains": 16, "steps": 10_000}


@dataclass(frozen=True)
class Cell:
    """A cell of the table. measure(models, **settings) returns its number."""

    words: str
    sentence: str
    measure: Callable[..., Measured]
    model: str
    settings: dict[str, Any]

    @property
    def all_settings(self) -> dict[str, Any]:
        """The settings of the measure, and those of its model below the name of the model."""
        return self.settings | ({self.model: MODELS[self.model]} if self.model else {})

    def text(self, measured: Measured) -> str:
        """The sentence with the number, its unit and its details."""
        return self.sentence.format(**vars(measured))


TRAINING = (
    Cell(
        "needs inference",
        "ELBO {value:.2f} nats below log p(x), by quadrature over z",
        directed.training_of_directed,
        "VAE",
        {"images": 100},
    ),
    Cell(
        "needs MCMC for the gradient of the partition function",
        "cosine {value:.2f} between the gradients of CD-1 and of log p(x)",
        undirected.training_of_undirected,
        "RBM",
        {"repeats": 50},
    ),
    Cell(
        "trades mixing for reconstruction",
        "{value:.1f} nats per digit for a chain that mixes twice as fast",
        autoencoders.training_of_autoencoders,
        "GSN",
        {"salts": [0.05, 0.1, 0.2, 0.4], "chains": 100, "steps": 300},
    ),
    Cell(
        "must keep D in step with G (Helvetica)",
        "{value:.0f} {unit} with 10 G steps per D step; with 1: {details[modes][toy]}",
        adversarial.training_of_adversarial,
        "",
        {"names": ["toy", "helvetica"], "iterations": 1000},
    ),
)
INFERENCE = (
    Cell(
        "learned, approximate",
        "R^2 = {value:.3f} for z from the E of the VAE",
        directed.inference_of_directed,
        "VAE",
        {"samples": 10_000},
    ),
    Cell(
        "variational",
        "{value:.3f} nats from mean field to the posterior of a DBM (KL)",
        undirected.inference_of_undirected,
        "DBM",
        {"images": 100, "sweeps": 50},
    ),
    Cell(
        "by MCMC",
        "{value:.0f} steps of the chain until a completed half has settled",
        autoencoders.inference_of_autoencoders,
        "GSN",
        {"steps": 60},
    ),
    Cell(
        "learned, approximate",
        "R^2 = {value:.3f} for z from an E trained after G",
        adversarial.inference_of_adversarial,
        "GAN",
        {"updates": 2000},
    ),
)
SAMPLING = (
    Cell(
        "easy",
        "{value:,.0f} effective samples {unit}",
        directed.sampling_of_directed,
        "VAE",
        DRAWS,
    ),
    Cell(
        "needs a Markov chain",
        "{value:,.0f} effective samples {unit} of a Gibbs chain",
        undirected.sampling_of_undirected,
        "RBM",
        CHAIN,
    ),
    Cell(
        "needs a Markov chain",
        "{value:,.0f} effective samples {unit} of the walk",
        autoencoders.sampling_of_autoencoders,
        "GSN",
        CHAIN,
    ),
    Cell(
        "easy",
        "{value:,.0f} effective samples {unit}",
        adversarial.sampling_of_adversarial,
        "GAN",
        DRAWS,
    ),
)
EVALUATING = (
    Cell(
        "intractable; approximated by AIS",
        "{value:.3f} nats of error by importance sampling with 50 z",
        directed.evaluating_of_directed,
        "VAE",
        {"images": 100, "K": 50},
    ),
    Cell(
        "intractable; approximated by AIS",
        "{value:.4f} nats between AIS and the exact log Z",
        undirected.evaluating_of_undirected,
        "RBM",
        {"temperatures": 1000, "chains": 100},
    ),
    Cell(
        "not explicit; approximated by Parzen windows",
        "{value:.1f} nats of error for a known density, 64 dimensions",
        autoencoders.evaluating_of_autoencoders,
        "",
        {"dimensions": [64, 1, 2, 8, 784], "samples": 10_000, "tests": 1000},
    ),
    Cell(
        "not explicit; approximated by Parzen windows",
        "{value:.4f} nats of error for the exact p_g of a G on the line",
        adversarial.evaluating_of_adversarial,
        "",
        {"iterations": 300, "bins": 1000, "samples": 10_000, "tests": 1000},
    ),
)
DESIGN = (
    Cell(
        "constrained by inference",
        "{value:.0f} {unit} with which E learns a code "
        "(z rounded: {details[KL][z rounded]:.3f} nats)",
        directed.design_of_directed,
        "VAE",
        {"updates": 400},
    ),
    Cell(
        "needs care for many properties",
        "{value:.0f} {unit} whose Gibbs chain samples from p",
        undirected.design_of_undirected,
        "",
        {"n": 5, "hidden": 4},
    ),
    Cell(
        "any differentiable function, in theory",
        "{value:.0f} {unit} with an exact step of the CAE's chain",
        autoencoders.design_of_autoencoders,
        "",
        {},
    ),
    Cell(
        "any differentiable function, in theory",
        "{value:.0f} {unit} that reach 7 of 8 modes or more",
        adversarial.design_of_adversarial,
        "",
        {"iterations": 1500},
    ),
)
CELLS: dict[tuple[str, str], Cell] = {
    (row, column): cell
    for row, cells in zip(ROWS, (TRAINING, INFERENCE, SAMPLING, EVALUATING, DESIGN), strict=True)
    for column, cell in zip(COLUMNS, cells, strict=True)
}
