"""Synthetic faces of 48 x 48 grey pixels, drawn from a formula: seven expressions of many people.

    pixel <- pixel + coverage (tone - pixel)            for each part of the face, back to front
    coverage = 1/2 - distance / EDGE, limited to [0, 1]     distance < 0 inside the part

They have the layout of the Toronto Face Database, which nobody may redistribute: the same size, the
same seven expressions, labelled and unlabelled images. So everything that the paper does with that
database runs and is tested without it, and the person and the expression of every face are known.

The parameters of a person (tones, shape of head, eyes, nose, mouth) and of an image (position,
angle, light, strength of the expression) are independent draws. Lengths are in units of half an
image; x points to the right and y down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images

SIDE = 48
EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
EDGE = 0.08  # the width of a soft edge: two pixels
PEOPLE = 120
SIZES = {"train": 3_000, "validation": 500, "test": 500}
CHUNK = 250  # faces that are drawn at a time: their arrays stay small

# Of each expression: the angle and the height of the brows, the opening of the eyes, the curve of
# the mouth (positive: corners up), its opening and its width, all relative to a neutral face.
SHAPES: Array = np.array(
    [
        # angle, height, eyes, curve, open, width
        [+0.50, -0.045, -0.25, -0.10, 0.00, -0.10],  # anger
        [+0.25, -0.030, -0.45, -0.22, 0.03, +0.00],  # disgust
        [-0.40, +0.060, +0.45, -0.04, 0.05, +0.10],  # fear
        [+0.00, +0.010, -0.15, +0.20, 0.06, +0.30],  # happiness
        [-0.55, +0.010, -0.20, -0.18, 0.00, -0.10],  # sadness
        [-0.05, +0.090, +0.70, +0.00, 0.13, -0.25],  # surprise
        [+0.00, +0.000, +0.00, +0.00, 0.00, +0.00],  # neutral
    ],
    np.float32,
)


@dataclass(frozen=True)
class FaceSet:
    """`pixels` (N, 2304) uint8, the `expressions` (N,) from 0 to 6, and the `people` (N,)."""

    pixels: Array
    expressions: Array
    people: Array


def draw_faces(count: int, stream: str, people: int = PEOPLE) -> FaceSet:
    """`count` faces of the people 0 to `people` - 1, the same for the same stream.

    Two corners of the first face are black and white, so the pixels reach from 0 to 255, as those
    of the database do.
    """
    rng = draws.generator(0, f"data/faces/{stream}", 0)
    expressions = rng.integers(0, len(EXPRESSIONS), count)
    who = rng.integers(0, people, count)
    person = _people(people)
    pose = rng.standard_normal((count, 6), dtype=np.float32)
    pixels = np.empty((count, SIDE * SIDE), np.uint8)
    for rows in _chunks(count):
        grey = _drawn(person[who[rows]], SHAPES[expressions[rows]], pose[rows])
        pixels[rows] = np.rint(255 * np.clip(grey, 0, 1)).reshape(-1, SIDE * SIDE)
    pixels[0, 0], pixels[0, -1] = 0, 255
    return FaceSet(pixels, expressions, who)


def load() -> tuple[Images, Images, Images]:
    """(training, validation, test): faces with their expressions as labels."""
    train, validation, test = (
        images_of(drawn.pixels, drawn.expressions)
        for drawn in (draw_faces(count, split) for split, count in SIZES.items())
    )
    return train, validation, test


def images_of(pixels: Array, labels: Array) -> Images:
    """Faces (N, 2304) with the numbers of their expressions as labels."""
    return Images(pixels, labels, 255, SIDE, SIDE, classes=EXPRESSIONS)


def _people(count: int) -> Array:
    """(count, 10) numbers from -1 to 1: the same person has the same in every stream."""
    rng = draws.generator(0, "data/faces/people", 0)
    return 2 * rng.random((count, 10), dtype=np.float32) - 1


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK))


def _drawn(person: Array, shape: Array, pose: Array) -> Array:
    """The faces (N, 48, 48) as floats, 0 black and 1 white, before they are clipped.

    Each row of `person` (N, 10), `shape` (N, 6), a row of SHAPES, and `pose` (N, 6) is a face.
    """
    tone, hair, wide, long, apart, eye, brow, nose, mouth, fringe = person.T[:, :, None, None]
    left, down, turn, light, shade, strength = pose.T[:, :, None, None]
    strength = 0.85 + 0.15 * np.clip(strength, -2, 2)
    angle, height, open_eyes, curve, gape, stretch = strength * shape.T[:, :, None, None]
    x, y = _coordinates(0.03 * left, 0.03 * down, 0.05 * turn)

    skin = 0.66 + 0.16 * tone + 0.08 * light * x + 0.05 * shade * y
    grey = np.full(np.broadcast_shapes(skin.shape, x.shape), 0.28) + 0.05 * light
    a, b = 0.62 + 0.06 * wide, 0.84 + 0.05 * long
    grey = _blend(grey, 0.16 + 0.14 * hair, _ellipse(x, y + 0.1, a + 0.09, b + 0.08))
    grey = _blend(grey, skin, _ellipse(x, y, a, b))
    grey = _blend(
        grey, 0.16 + 0.14 * hair, np.maximum(_ellipse(x, y, a, b), y + 0.52 + 0.1 * fringe)
    )

    half = 0.29 + 0.03 * apart  # the distance of an eye from the middle
    for side in (-1, 1):
        u, v = x - side * half, y + 0.12
        radius = (0.075 + 0.012 * eye) * (1 + open_eyes)
        lids = _ellipse(u, v, 0.15 + 0.015 * eye, radius)
        grey = _blend(grey, 0.95, lids)
        grey = _blend(grey, 0.12, np.maximum(lids, _ellipse(u, v, 0.062, 0.068)))
        line = v + 0.155 + 0.02 * brow + height + angle * side * u
        bar = np.maximum(np.abs(line) - 0.026 - 0.01 * brow, np.abs(u) - 0.17)
        grey = _blend(grey, 0.18 + 0.14 * hair, bar)

    tip = _ellipse(x, y - 0.2, 0.1 + 0.015 * nose, 0.05)
    grey = _blend(grey, skin - 0.16, np.maximum(tip, 0.19 - y))

    reach = (0.25 + 0.03 * mouth) * (1 + stretch)
    across = (x / reach) ** 2
    middle = y - 0.47 - curve * (0.5 - across)  # 0 on the line between the lips
    lips = np.abs(middle) - (0.05 + gape) * np.sqrt(np.maximum(1 - across, 0))
    grey = _blend(grey, 0.36 + 0.12 * tone, np.maximum(lips, np.abs(x) - reach))
    gap = np.abs(middle) - gape * np.sqrt(np.maximum(1 - across, 0))
    return _blend(grey, 0.05, np.maximum(gap, np.abs(x) - 0.9 * reach) + 0.04 - gape)


def _coordinates(left: Array, down: Array, turn: Array) -> tuple[Array, Array]:
    """x and y (N, 48, 48) of the centres of the pixels, in the system of each face."""
    centres = (2 * np.arange(SIDE, dtype=np.float32) + 1) / SIDE - 1
    x, y = centres[None, None, :] - left, centres[None, :, None] - down
    return np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x


def _ellipse(x: Array, y: Array, a: Array | float, b: Array | float) -> Array:
    """About the distance from the ellipse with the half axes a and b; negative inside."""
    radius: Array = np.sqrt((x / a) ** 2 + (y / b) ** 2)
    return (radius - 1) * np.minimum(a, b)


def _blend(grey: Array, tone: Array | float, distance: Array) -> Array:
    """`grey`, with `tone` inside a part of the face."""
    blended: Array = grey + np.clip(0.5 - distance / EDGE, 0, 1) * (tone - grey)
    return blended
