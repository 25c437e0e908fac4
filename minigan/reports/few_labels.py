"""Few labels for the features of a run: classifiers of pixels, of an untrained D, of D, of E.

Each is the same head on other rows, with the same given labels (`evaluation.few_labels`):

    pixels        x itself
    untrained D   the outputs of a hidden layer of D before training
    D             the same outputs after training, without labels
    E             the first hidden layer of E, if the run has an inference network (`minigan infer`)

The errors of a subset are compared with each other: pixels - D is the mean difference over the
subsets, with the standard error of this mean. A positive number means that D's features are better.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.backends import open_backend
from minigan.data.images import Images
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.evaluation.few_labels import given_images, head_error
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training.features import hidden_layer, load_discriminator
from minigan.training.inference.encoder import build_E
from minigan.training.inference.storage import encoder_file, load_encoder
from minigan.training.progress import Progress
from minigan.training.runs.directory import RunDirectory
from minigan.training.sampler import outputs
from minigan.training.sampling import load_sampler

SUBSETS = 10
PER_CLASS = (2, 5, 10, 20, 50, 100, 300)  # 20 to 3,000 labels for ten classes
PIXELS, UNTRAINED, TRAINED, INFERRED = "pixels", "untrained D", "D", "E"

Rows = Callable[[Array], Array]


@dataclass(frozen=True)
class FewLabels:
    """The errors of all heads: errors[name][i][s] with labels[i] labels of subset s; so decays."""

    images: str
    count: int
    layer: int
    features: Mapping[str, int]
    labels: tuple[int, ...]
    errors: Mapping[str, Sequence[Sequence[float]]]
    decays: Mapping[str, Sequence[Sequence[float]]]

    @property
    def subsets(self) -> int:
        """The number of subsets for each number of labels."""
        return len(self.errors[PIXELS][0])

    def to_json(self) -> dict[str, Any]:
        """All fields as a JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        """The table, at most 80 columns wide."""
        names = [*self.errors, f"{PIXELS} - {TRAINED}"]
        pixels, trained = np.array(self.errors[PIXELS]), np.array(self.errors[TRAINED])
        columns = [*map(np.array, self.errors.values()), pixels - trained]
        sizes = (f"{name} {size:,}" for name, size in self.features.items() if name != UNTRAINED)
        lines = [
            f"wrong of {self.count:,} {self.images}, in %",
            f"mean ± standard error of {self.subsets} subsets",
            f"features: {', '.join(sizes)} (hidden layer {self.layer} of D)",
            "",
            f"{'labels':>7}" + "".join(f"{name:>14}" for name in names),
        ]
        for i, N in enumerate(self.labels):
            cells = (mean_and_error(column[i]) for column in columns)
            lines.append(
                f"{N:>7,}" + "".join(f"{100 * m:.2f} ± {100 * e:.2f}".rjust(14) for m, e in cells)
            )
        return "\n".join(lines)


def mean_and_error(values: Array | Sequence[float]) -> tuple[float, float]:
    """The mean over the subsets, and its standard error: s / sqrt(subsets)."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


def counts_of(data: DataSet, wanted: Sequence[int] = ()) -> tuple[int, ...]:
    """The numbers of labels: those `wanted`, or 2 to 300 per class as far as there are images.

    Raises UserError if the data set has no classes, or if a number cannot be used.
    """
    if not isinstance(data.train, Images):
        raise UserError(f"{data.name} contains points: minigan labels needs labelled images")
    classes, sizes = np.unique(data.train.labels, return_counts=True)
    count, smallest = len(classes), int(sizes.min())
    if count < 2:
        raise UserError(
            f"the images of {data.name} have no labels: minigan labels needs a run on images of "
            "at least two classes, such as digits, mnist or a folder with a sub-folder per class"
        )
    if smallest < 2:
        raise UserError(
            f"class {classes[sizes.argmin()]} of {data.name} has one training image: two are needed"
        )
    for N in wanted:
        if N % count or N // count < 2:
            raise UserError(
                f"{N:,} labels cannot be balanced: give a multiple of the {count} classes, at "
                f"least {2 * count}"
            )
        if N // count > smallest:
            raise UserError(
                f"{N:,} labels are too many: the smallest class of {data.name} has {smallest:,} "
                f"training images, enough for {smallest * count:,} labels"
            )
    known = (k * count for k in PER_CLASS if k <= smallest)
    return tuple(sorted(set(wanted))) or tuple(known)


def features_of_run(
    path: Path,
    layer: int = 1,
    which: str = "last",
    device: str = "cpu",
    note: Callable[[str], object] = lambda text: None,
) -> dict[str, Rows]:
    """A function x -> rows for each kind of features. E is left out, with a note, if unusable.

    Raises UserError if the run, its checkpoint or the layer cannot be used.
    """
    D, theta_d = load_discriminator(path, which)
    untrained = D.initial(RunDirectory.open(path).read_environment()["seed"], "theta_d")
    found = {
        PIXELS: lambda x: x,
        UNTRAINED: _rows_of(*hidden_layer(D, untrained, layer), device),
        TRAINED: _rows_of(*hidden_layer(D, theta_d, layer), device),
    }
    file = encoder_file(path, which)
    if file.exists():
        sampler = load_sampler(path, which, device)
        try:
            encoder = load_encoder(file, build_E(sampler.G.outputs, sampler.z_size), sampler)
        except UserError as error:
            note(f"E is left out: {error}")
        else:
            found[INFERRED] = encoder.features
    return found


def _rows_of(network: Network, theta: Parameters, device: str) -> Rows:
    backend = open_backend(device)
    on_device = Parameters(theta.shapes, backend.asarray(theta.vector))
    return lambda x: outputs(backend.network(network), on_device, x, backend)


def few_labels(
    data: DataSet,
    features: Mapping[str, Rows],
    labels: tuple[int, ...],
    given: Sequence[Array],
    layer: int = 1,
    split: str = "test",
    quiet: bool = True,
) -> FewLabels:
    """The error of a head on each kind of features, for each number of labels and each subset.

    split: the images that are classified, "test" or "validation".

    given: the indices (classes, per_class) of the images of each subset, as `given_images` draws
    them. Only their labels are read. Raises UserError if a feature is not finite.
    """
    train, test = data.train, data.require_test() if split == "test" else data.validation
    assert isinstance(train, Images)
    assert isinstance(test, Images)
    test_rows = {name: _finite(rows(test.all()), name) for name, rows in features.items()}
    errors: dict[str, list[list[float]]] = {name: [[] for _ in labels] for name in features}
    decays: dict[str, list[list[float]]] = {name: [[] for _ in labels] for name in features}
    with Progress(len(given) * len(labels) * len(features), quiet) as progress:
        for indices in given:
            classes, x = train.labels[indices[:, 0]], train.gather(indices.ravel())
            for name, rows in features.items():
                of_given = _finite(rows(x), name).reshape(*indices.shape, -1)
                for i, N in enumerate(labels):
                    few = of_given[:, : N // len(classes)]
                    error, decay = head_error(few, classes, test_rows[name], test.labels)
                    errors[name][i].append(error)
                    decays[name][i].append(decay)
                    progress.advance(f"{name}, {N:,} labels: {100 * error:.2f} % wrong")
    sizes = {name: rows.shape[1] for name, rows in test_rows.items()}
    images = f"{split} images of {data.name}"
    return FewLabels(images, len(test), layer, sizes, labels, errors, decays)


def subsets_of(data: DataSet, labels: tuple[int, ...], seed: int = 0) -> list[Array]:
    """The images of each of the 10 subsets, enough for the largest number of labels."""
    assert isinstance(data.train, Images)
    per_class = max(labels) // len(np.unique(data.train.labels))
    return [given_images(data.train.labels, per_class, seed, s) for s in range(SUBSETS)]


def csv_of(data: DataSet, given: Sequence[Array]) -> bytes:
    """One line per given label: its subset, its position in its class, the image, the label."""
    assert isinstance(data.train, Images)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["subset", "position", "image", "label"])
    for s, indices in enumerate(given):
        for position, images in enumerate(indices.T):
            table.writerows((s, position, i, data.train.labels[i]) for i in images)
    return text.getvalue().encode()


def _finite(rows: Array, name: str) -> Array:
    if not np.isfinite(rows).all():
        raise UserError(f"the features of {name} are not finite: use another checkpoint")
    return rows
