"""Complete pictures with the G of a run: a sheet, or an array, and a table of measures.

The table has the measures of `minigan.evaluation.completion` for G, for two simple ways to fill the
missing pixels, and for the pictures themselves, whose classes limit what the classifier can say.
Pictures of your own have no table but that of G, because their class is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data import image_folder
from minigan.errors import UserError
from minigan.evaluation.classifier import train_classifier
from minigan.evaluation.completion import (
    FillQuality,
    fill_quality,
    fill_with_mean,
    fill_with_nearest,
)
from minigan.reports.inference_inputs import Inputs
from minigan.system.files import replacing
from minigan.system.messages import say
from minigan.training import pictures
from minigan.training.completion.masks import SIDES, box, random_part, side
from minigan.training.pictures.completions import completion_sheet
from minigan.training.sampler import Sampler

ROWS_OF_SHEET, COLUMNS_OF_SHEET = 20, 16  # pictures, and completions of each
HELP = "left, right, top, bottom, all, rectangle R0 C0 R1 C1, random FRACTION, or a PNG file"


@dataclass(frozen=True)
class Completion:
    """The measures of `count` completions of each of N pictures, of which a share is missing."""

    images: str
    N: int
    mask: str
    missing: float
    count: int
    rows: tuple[FillQuality, ...]

    def to_json(self) -> dict[str, Any]:
        """All fields as a JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        """A sentence and a table in Markdown, at most 80 columns wide."""
        return "\n".join(
            [
                f"{self.N:,} {self.images}, {self.count} completions of each",
                f"missing: {self.mask} ({100 * self.missing:.0f} % of the pixels)",
                "",
                "| filled by | own class | rms | spread |",
                "|---|---|---|---|",
                *map(_row, self.rows),
            ]
        )


def _row(one: FillQuality) -> str:
    right = "" if one.right is None else f"{100 * one.right:.1f} %"
    return f"| {one.name} | {right} | {one.rms:.3f} | {one.spread:.3f} |"


def complete(
    inputs: Inputs,
    sampler: Sampler,
    words: Sequence[str],
    count: int,
    seed: int,
    out: Path,
    log: Callable[[str], None] = lambda message: None,
) -> Completion:
    """Write `count` completions of each picture to `out`, and return the measures.

    words: the mask, as HELP describes it. `out` ends in .png (a sheet of the first pictures) or in
    .npy (an array (N, count, n) of float32). `log` is called before each step. Raises UserError if
    the mask or the sampler cannot be used.
    """
    images, suffix = inputs.images, out.suffix.lower()
    if suffix not in (".png", ".npy"):
        raise UserError(f"{out} must end in .png (a sheet) or .npy (an array)")
    mask = mask_of_words(words, images.shape, seed)
    log("the completions")
    x, s = images.all(), np.tile(mask, (len(images), 1))
    completed = sampler.completions(x, s, count, seed)
    if not np.isfinite(completed).all():
        raise UserError("the completions are not finite: use another checkpoint")
    with replacing(out) as file:
        if suffix == ".npy":
            np.lib.format.write_array(file, completed, allow_pickle=False)
        else:
            few = slice(ROWS_OF_SHEET), slice(COLUMNS_OF_SHEET)
            shown = completion_sheet(x[few[0]], s[few[0]], completed[few], images.shape)
            file.write(pictures.png(shown))
    missing = float(1 - mask.mean())
    name = " ".join(words)
    rows = _measured(inputs, x, s, completed, log)
    return Completion(inputs.description, len(x), name, missing, count, rows)


def _measured(
    inputs: Inputs, x: Array, s: Array, completed: Array, log: Callable[[str], None]
) -> tuple[FillQuality, ...]:
    """The row of G; with labelled training images also the others."""
    if inputs.train is None:
        return (fill_quality("G", x, s, completed),)
    log("a classifier")
    labels, train = inputs.images.labels, inputs.train.all()
    classifier = train_classifier(inputs.train, inputs.images)
    log("the nearest training images")
    ways = {
        "G": completed,
        "mean of training images": fill_with_mean(x, s, train),
        "nearest training image": fill_with_nearest(x, s, train),
        "the picture itself": x[:, None],
    }
    return tuple(fill_quality(name, x, s, one, labels, classifier) for name, one in ways.items())


def mask_of_words(words: Sequence[str], shape: tuple[int, int, int], seed: int) -> Array:
    """The mask s (n,) float32 of pictures of this shape: 0 where HELP says that pixels are missing.

    A random mask is a draw of the seed. Raises UserError if the words describe no mask.
    """
    height, width, channels = shape
    name, *values = words
    if name in SIDES and not values:
        s = side(name, height, width)
    elif name == "all" and not values:
        s = np.zeros((height, width), dtype=bool)
    elif name == "rectangle":
        s = box(_numbers(values, int, 4, "rectangle R0 C0 R1 C1"), height, width)
    elif name == "random":
        (fraction,) = _numbers(values, float, 1, "random FRACTION")
        rng = draws.generator(seed, "mask/completion", 0)
        s = random_part(rng, fraction, height, width)
    elif Path(name).suffix.lower() == ".png" and not values:
        loaded, _ = image_folder.load_pictures(
            Path(name), (height, width, 1), lambda text: say(f"note: the mask: {text}")
        )
        s = (loaded.all() < 0.5).reshape(height, width)
    else:
        raise UserError(f"--mask {' '.join(words)} is not a mask: use {HELP}")
    if s.all():
        raise UserError(f"--mask {' '.join(words)} leaves no pixel missing: use a larger one")
    return np.repeat(s.ravel(), channels).astype(np.float32)


def _numbers(values: Sequence[str], kind: type, count: int, form: str) -> list[Any]:
    """The values as numbers. Raises UserError, with the form of the mask."""
    try:
        numbers = [kind(value) for value in values]
    except ValueError:
        numbers = []
    if len(numbers) != count or (kind is float and not 0 < numbers[0] <= 1):
        between = ", with a fraction above 0 and at most 1" if kind is float else ""
        raise UserError(f"--mask {form}: give {count} number{'s' * (count > 1)}{between}")
    return numbers
