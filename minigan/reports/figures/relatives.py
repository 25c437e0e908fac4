"""The relatives of GANs: NCE's error against n, and samples of a CAE, a DBN and a VAE of digits.

    (a)        the error of the normaliser that NCE learns, and sqrt(C_33 / n)
    the others 16 test images, and 16 samples of each model with its Parzen score

Every model is trained on the built-in digits by this figure, and draws 1,000 samples. Its score is
that of the paper's protocol, beside the score of 1,000 training images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import draws
from minigan.arrays import Array
from minigan.data import digits
from minigan.data.images import Images
from minigan.evaluation.protocol import Score, choose, score
from minigan.layers import sigmoid
from minigan.reports.figures import plots
from minigan.reports.figures.plots import BLUE, ORANGE
from minigan.system.files import write_atomically
from minigan.theory.relatives import nce
from minigan.theory.relatives.cae import train_stacked_cae
from minigan.theory.relatives.dbn import train_dbn
from minigan.theory.relatives.vae import train_vae, vae_of
from minigan.training.pictures.sheets import sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZES, REPEATS = (100, 316, 1000, 3162), 40
SAMPLES, SHOWN = 1000, 16


def samples_of_cae(train: Images, seed: int) -> Array:
    """Samples (SAMPLES, n) of a stacked CAE, with the chain of Jacobian noise."""
    stack = train_stacked_cae(train, (64,), updates=800, rate=0.01, weight=0.1, seed=seed)
    return stack.samples(SAMPLES, steps=100, sigma=0.3, seed=seed)


def samples_of_dbn(train: Images, seed: int) -> Array:
    """Samples (SAMPLES, n) of a DBN with two layers: means of pixels."""
    dbn = train_dbn(train, (64, 64), updates=1000, rate=0.05, seed=seed)
    return dbn.samples(SAMPLES, steps=100, seed=seed)


def samples_of_vae(train: Images, seed: int) -> Array:
    """Samples (SAMPLES, n) of a VAE: means of pixels for z from the prior."""
    vae = vae_of(train.pixels.shape[1], z_size=10, hidden=128)
    _, theta_g = train_vae(vae, train, 2000, seed)
    z = draws.generator(seed, "vae/samples", 0).standard_normal((SAMPLES, 10), dtype=np.float32)
    return sigmoid.forward(vae.G.forward(theta_g, z).y)


MODELS: dict[str, Callable[[Images, int], Array]] = {
    "CAE": samples_of_cae,
    "DBN": samples_of_dbn,
    "VAE": samples_of_vae,
}


@dataclass(frozen=True)
class Relatives:
    """NCE's errors of c for SIZES with their predictions, and the score of each set of samples."""

    errors: tuple[float, ...]
    predicted: tuple[float, ...]
    scores: dict[str, Score]

    @property
    def slope(self) -> float:
        """The slope of log error over log n: about -1/2."""
        return float(np.polyfit(np.log(SIZES), np.log(self.errors), 1)[0])

    def to_json(self) -> dict[str, Any]:
        """The errors by n, the slope, and for each model LL, its error and sigma."""
        return {
            "nce": {"n": SIZES, "error": self.errors, "predicted": self.predicted},
            "slope": self.slope,
            "scores": {
                name: {"LL": one.LL, "error": one.error, "sigma": one.choice.sigma}
                for name, one in self.scores.items()
            },
        }

    def __str__(self) -> str:
        """One line for NCE and one for each set of samples."""
        lines = [f"NCE: the error of the normaliser falls as n^{self.slope:.2f} (theory: n^-0.50)"]
        for name, one in self.scores.items():
            lines.append(
                f"{name:<22}{one.LL:7.1f} ± {one.error:.1f} nats   sigma {one.choice.sigma:.4f}"
            )
        return "\n".join(lines)


def draw(out: Path, seed: int) -> Relatives:
    """Trains all models, and writes the figure to `out`, a .png, .svg or .pdf file.

    Raises UserError if the suffix is wrong, if the folder does not exist or if Matplotlib is not
    installed, and OSError if the file cannot be written.
    """
    plots.require_matplotlib(out)
    train, validation, test = (digits.load(split) for split in ("train", "validation", "test"))
    with threadpool_limits(1, user_api="blas"):  # these products are too small for two threads
        samples = {f"{SAMPLES:,} training images": train[:SAMPLES].all()}
        samples |= {name: model(train, seed) for name, model in MODELS.items()}
        scores = {
            name: score(x, test.all(), choose(x, validation.all())) for name, x in samples.items()
        }
        errors = tuple(nce.errors(SIZES, REPEATS, seed))
    result = Relatives(errors, tuple(map(nce.predicted_error, SIZES)), scores)

    def fill(figure: Figure) -> None:
        left, *others = plots.row_of_axes(figure, 2 + len(MODELS))
        _draw_errors(left, result)
        _draw_images(others[0], test.all()[:SHOWN], "test images")
        for axes, name in zip(others[1:], MODELS, strict=True):
            _draw_images(axes, samples[name][:SHOWN], f"{name}: {scores[name].LL:.1f} nats")

    write_atomically(out, plots.drawn(fill, out.suffix, figsize=(14, 3.2), layout="constrained"))
    return result


def _draw_errors(axes: Axes, result: Relatives) -> None:
    axes.loglog(SIZES, result.predicted, "--", color=ORANGE, label="theory: $n^{-1/2}$")
    axes.loglog(
        SIZES, result.errors, "o", color=BLUE, label=f"measured: $n^{{{result.slope:.2f}}}$"
    )
    axes.set_xlabel("$n$, examples and noise samples")
    axes.set_title("NCE: error of the normaliser", fontsize=11)
    axes.legend(frameon=False)


def _draw_images(axes: Axes, x: Array, title: str) -> None:
    axes.imshow(sheet(x, 8, 8), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=11)
    axes.axis("off")
