"""A conditional game is the game of the paper on longer rows: [x, c] instead of x, [z, c] for z.

    p(x | c)     D(x, c) gets rows [x, c],   G(z, c) gets rows [z, c] and returns rows [G(z, c), c]
    c            a row of `classes` numbers: 1 in the column of the class, 0 elsewhere

So Algorithm 1, the objectives and the optimizers need no change. In training, an image comes with
its own c, and the c of G's input is the label of a training example drawn with the noise: both
players see classes with the same probabilities. Samples outside of training have all classes
equally often, in order, so a sheet of them has one row of images per class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.one_hot import one_hot
from minigan.data.sets import DataSet
from minigan.draws.minibatches import Examples
from minigan.errors import UserError


@dataclass(frozen=True)
class Classes:
    """The class (N,) of each training example, and the name of each class."""

    labels: Array
    names: tuple[str, ...]

    def __len__(self) -> int:
        """The number of classes."""
        return len(self.names)

    @property
    def digest(self) -> str:
        """A hash of the labels, 32 hexadecimal digits."""
        return hashlib.blake2b(self.labels.astype("<i8").tobytes(), digest_size=16).hexdigest()


def classes_of(data: DataSet) -> Classes:
    """The classes of the training examples: digits, sub-folders of a folder, modes of a density.

    A data set of your own needs `labels` (N,), whole numbers from 0 on, in its training split.
    Raises UserError if there are fewer than two classes, or if one has no training example.
    """
    labels = getattr(data.train, "labels", None)
    if labels is None:
        labels = getattr(data.train, "modes", None)
    if labels is None:
        raise UserError(f"a conditional run needs classes, but {data.name} has no labels")
    labels = np.asarray(labels)
    names = getattr(data.train, "classes", ()) or tuple(map(str, range(int(labels.max()) + 1)))
    if len(names) < 2:
        advice = "choose another data.set"
        if data.name == "folder":
            advice = "put the pictures of each class in a sub-folder of their own"
        raise UserError(
            f"a conditional run needs at least two classes, but {data.name} has one: {advice}"
        )
    counts = np.bincount(labels, minlength=len(names))
    if not counts.all():
        raise UserError(
            f"the class {names[int(counts.argmin())]} has no training example: a conditional run "
            "needs some of every class"
        )
    return Classes(labels, names)


def equal_classes(count: int, classes: int) -> Array:
    """`count` class numbers in order, each class equally often: c_i = floor(i classes / count)."""
    c: Array = np.arange(count) * classes // count
    return c


@dataclass(frozen=True)
class ExamplesWithClasses:
    """Examples [x, c] of a data set, for `Minibatches`."""

    examples: Examples
    classes: Classes

    @property
    def shape(self) -> tuple[int, ...]:
        """(n + classes,)."""
        return (int(np.prod(self.examples.shape)) + len(self.classes),)

    @property
    def numbers(self) -> Array:
        """The examples as they are stored, without c."""
        return self.examples.numbers

    def __len__(self) -> int:
        """The number of examples N."""
        return len(self.examples)

    def gather(self, indices: Array, *, out: Array | None = None) -> Array:
        """[x, c] (m, n + classes) float32: the examples with these m indices."""
        rows: Array = np.empty((len(indices), *self.shape), np.float32) if out is None else out
        count = len(self.classes)
        self.examples.gather(indices, out=rows[:, :-count])
        rows[:, -count:] = one_hot(self.classes.labels[indices], count)
        return rows

    def all(self) -> Array:
        """[x, c] (N, n + classes): all examples."""
        return self.gather(np.arange(len(self)))


@dataclass(frozen=True)
class PriorWithClasses:
    """A prior of rows [z, c]: z ~ p_z, and c the label of a random training example."""

    prior: Callable[[np.random.Generator, int, int], Array]
    classes: Classes

    def __call__(self, rng: np.random.Generator, m: int, size: int) -> Array:
        """[z, c] (m, size), float32."""
        count, labels = len(self.classes), self.classes.labels
        z = self.prior(rng, m, size - count)
        return np.hstack([z, one_hot(labels[rng.integers(len(labels), size=m)], count)])
