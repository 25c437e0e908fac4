"""Infer z of images with the G of a run: codes, reconstructions, residuals and measures.

    z = E(x), then N steps of gradient descent on |x - G(z)|^2 if they are asked for

R^2          share of the variance of z that E predicts, on fresh samples of G
ratio        mean |x - G(E(x))| / mean |x' - G(E(x))|, where x' is another of the images
1-NN         share of images whose nearest labelled image has the same label, by the distance of
             E(x), of the features of E (its first hidden layer), and of pixels
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.contrast import picture_values
from minigan.errors import UserError
from minigan.evaluation.nearest import nearest
from minigan.evaluation.residual import ROWS_AT_A_TIME, refined
from minigan.reports.figures.reconstructions import draw_interpolation, draw_reconstructions
from minigan.reports.inference_inputs import Inputs
from minigan.system.files import write_atomically
from minigan.training import pictures
from minigan.training.inference.encoder import TEST_SAMPLES, Encoder, r_squared_of
from minigan.training.progress import Progress
from minigan.training.runs import checkpoint
from minigan.training.sampler import Sampler


@dataclass(frozen=True)
class Measures:
    """The measures of E. Distances are means over the images; None: not computed.

    residual: |x - G(E(x))|; others: |x' - G(E(x))| for another image x'; refined: |x - G(z)| for
    z after `steps` steps of descent. by_code, by_features, by_pixels: 1-NN accuracy with
    `neighbours` images. source: the origin of E in words, or "".
    """

    images: str
    count: int
    loss: str
    updates: int
    r_squared: float
    residual: float
    others: float | None
    steps: int
    refined: float | None
    by_code: float | None
    by_features: float | None
    by_pixels: float | None
    neighbours: int
    source: str = ""

    @property
    def ratio(self) -> float | None:
        """residual / others."""
        return self.residual / self.others if self.others else None

    def to_json(self) -> dict[str, Any]:
        """All fields and the ratio as a JSON object."""
        return {**asdict(self), "ratio": self.ratio}

    def __str__(self) -> str:
        """One line for each measure, at most 80 columns wide except for a long source."""
        source = f", {self.source}" if self.source else ""
        lines = [
            f"{self.count:,} {self.images}",
            f"E: {self.updates:,} updates on the loss {self.loss}{source}",
            f"R^2 of z                {self.r_squared:8.4f}   {TEST_SAMPLES:,} fresh samples",
            f"|x - G(E(x))|           {self.residual:8.4f}   mean",
        ]
        if self.ratio is not None:
            lines.append(
                f"|x' - G(E(x))|          {self.others:8.4f}   x': another image; "
                f"ratio {self.ratio:.4f}"
            )
        if self.refined is not None:
            lines.append(
                f"|x - G(z)|              {self.refined:8.4f}   z after {self.steps:,} steps of "
                "descent"
            )
        accuracies = {
            "pixels": self.by_pixels,
            "E(x)": self.by_code,
            "features of E": self.by_features,
        }
        lines += [
            f"1-NN, {name:<17} {100 * accuracy:7.2f} %  nearest of {self.neighbours:,} images"
            for name, accuracy in accuracies.items()
            if accuracy is not None
        ]
        return "\n".join(lines)


def infer(
    inputs: Inputs,
    sampler: Sampler,
    encoder: Encoder,
    out: Path,
    steps: int = 0,
    interpolate: bool = False,
    quiet: bool = True,
    source: str = "",
) -> Measures:
    """Write z.npz, z.csv, reconstructions.png and measures.json to the existing folder `out`.

    steps: steps of descent in z. interpolate: also write interpolation.png, from two images at
    least. source: the origin of E, for the measures. Raises UserError if a reconstruction is not
    finite, and OSError if a file cannot be written.
    """
    x = inputs.images.all()
    e = encoder.codes(x)
    reconstructed = sampler.samples(e)
    if not np.isfinite(reconstructed).all():
        raise UserError("G(E(x)) is not finite for these images: use another checkpoint")
    rows, z = [x, reconstructed], e
    if steps:
        z = _refined(sampler, x, e, steps, quiet)
        rows.append(sampler.samples(z))
    residual = _distance(x, rows[-1])
    measures = _measures(inputs, sampler, encoder, x, e, reconstructed, residual, steps, source)
    values = picture_values if inputs.normalised else np.asarray
    shape = inputs.images.shape
    checkpoint.save(out / "z.npz", {"z": z, "residual": residual})
    write_atomically(out / "z.csv", _csv(inputs.names, residual, z))
    picture = draw_reconstructions(list(values(np.stack(rows))), shape)
    write_atomically(out / "reconstructions.png", pictures.png(picture))
    if interpolate:
        picture = draw_interpolation(x, z, sampler.samples, shape, values)
        write_atomically(out / "interpolation.png", pictures.png(picture))
    text = json.dumps(measures.to_json(), indent=2, allow_nan=False) + "\n"
    write_atomically(out / "measures.json", text.encode())
    return measures


def _refined(sampler: Sampler, x: Array, z: Array, steps: int, quiet: bool) -> Array:
    backend, blocks = sampler.backend, -(-len(x) // ROWS_AT_A_TIME)
    with Progress(steps * blocks, quiet) as progress:
        found = refined(
            sampler.G,
            sampler.theta_g,
            backend.asarray(x),
            backend.asarray(z),
            steps,
            lambda mean: progress.advance(f"|x - G(z)| {mean:.4f}"),
        )
    return backend.to_host(found)


def _measures(
    inputs: Inputs,
    sampler: Sampler,
    encoder: Encoder,
    x: Array,
    e: Array,
    reconstructed: Array,
    last: Array,
    steps: int,
    source: str,
) -> Measures:
    others = by_code = by_features = by_pixels = None
    near = inputs.neighbours
    if len(x) > 1:
        others = float(_distance(x[another(len(x))], reconstructed).mean())
    if near:
        known = np.concatenate([images.all() for images in near])
        labels, of_known = inputs.images.labels, np.concatenate([images.labels for images in near])
        features = encoder.features
        by_code = neighbour_accuracy(e, labels, encoder.codes(known), of_known)
        by_features = neighbour_accuracy(features(x), labels, features(known), of_known)
        by_pixels = neighbour_accuracy(x, labels, known, of_known)
    return Measures(
        images=inputs.description,
        count=len(x),
        loss=encoder.loss,
        updates=encoder.player.updates,
        r_squared=r_squared_of(encoder, sampler),
        residual=float(_distance(x, reconstructed).mean()),
        others=others,
        steps=steps,
        refined=float(last.mean()) if steps else None,
        by_code=by_code,
        by_features=by_features,
        by_pixels=by_pixels,
        neighbours=sum(map(len, near)),
        source=source,
    )


def another(N: int) -> Array:
    """For each of N >= 2 images the index (N,) of another one: a random cycle through all."""
    order = draws.generator(0, "inference/others", 0).permutation(N)
    index = np.empty(N, dtype=np.int64)
    index[order] = np.roll(order, 1)
    return index


def neighbour_accuracy(x: Array, labels: Array, known: Array, known_labels: Array) -> float:
    """The share of rows x (N, n) whose nearest row of `known` (R, n) has the same label."""
    return float((known_labels[nearest(x, known)[1]] == labels).mean())


def _distance(x: Array, y: Array) -> Array:
    """|x_i - y_i| of each row (N,), in float64."""
    distance: Array = np.linalg.norm(x.astype(np.float64) - y, axis=1)
    return distance


def _csv(names: tuple[str, ...], residual: Array, z: Array) -> bytes:
    """A heading, then one line per image: its name, its residual and the coordinates of z."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["image", "residual", *(f"z{j}" for j in range(z.shape[1]))])
    for name, one, row in zip(names, residual, z, strict=True):
        table.writerow([name, f"{one:.6f}", *(f"{number:.9g}" for number in row)])
    return text.getvalue().encode(errors="surrogateescape")
