"""Nested inputs, outputs and gradients as flat sequences of named leaves.

    {"W": W, "b": [b0, b1]}  with the name p   <->   p['W'], p['b'][0], p['b'][1]

Dicts, lists, tuples and dataclasses are containers. Everything else is a leaf, and so is a list of
numbers such as [1.0, 2.0], which represents an array.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from numbers import Number
from typing import Any

import numpy as np


def children(value: Any, name: str) -> list[tuple[str, Any]] | None:
    """The parts of a container, each with its name; None for a leaf."""
    if isinstance(value, np.ndarray):  # by far the most frequent case
        return None
    if isinstance(value, dict):
        return [(f"{name}[{key!r}]", part) for key, part in value.items()]
    if is_dataclass(value) and not isinstance(value, type):
        return [(f"{name}.{one.name}", getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, (list, tuple)) and not is_array_of_numbers(value):
        labels = getattr(value, "_fields", None)
        if labels:
            return [(f"{name}.{label}", part) for label, part in zip(labels, value, strict=True)]
        return [(f"{name}[{i}]", part) for i, part in enumerate(value)]
    return None


def is_array_of_numbers(value: Any) -> bool:
    """True for a list or tuple that NumPy reads as an array of numbers: [1, 2], [[0.5], [2.0]]."""
    if not isinstance(value, (list, tuple)) or not value or hasattr(value, "_fields"):
        return False
    if all(isinstance(part, (Number, np.generic)) for part in value):
        return True
    if not all(is_array_of_numbers(part) for part in value):
        return False
    return len({np.shape(part) for part in value}) == 1


def flatten(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """All leaves with their names, depth first."""
    parts = children(value, name)
    if parts is None:
        return [(name, value)]
    return [leaf for label, part in parts for leaf in flatten(part, label)]


def rebuild(value: Any, leaves: Iterator[Any]) -> Any:
    """A container like `value` with the next leaves in its places."""
    parts = children(value, "")
    if parts is None:
        return next(leaves)
    new = [rebuild(part, leaves) for _, part in parts]
    if isinstance(value, dict):
        copied = copy.copy(value)
        copied.update(zip(value, new, strict=True))
        return copied
    if isinstance(value, (list, tuple)):
        return type(value)(*new) if hasattr(value, "_fields") else type(value)(new)
    copied = copy.copy(value)
    for one, part in zip(fields(value), new, strict=True):
        object.__setattr__(copied, one.name, part)
    return copied


def match(value: Any, gradient: Any, name: str) -> list[tuple[str, Any]]:
    """The gradient of each leaf of `value`, in the order of `flatten`; None where it is missing.

    A dataclass or a namedtuple may have a dict of its fields as its gradient, and a list may have a
    tuple. Names may have a d in front: {"dW": dW} for {"W": W}. Raises ValueError, with one
    sentence, if the gradient is not built like the value.
    """
    parts = children(value, name)
    if gradient is None:
        return [(label, None) for label, _ in flatten(value, name)]
    if parts is None:
        if children(gradient, name) is not None:
            kind, count = type(gradient).__name__, len(flatten(gradient, name))
            raise ValueError(f"the gradient of {name} is a {kind} of {count} items, {name} is not")
        return [(name, gradient)]
    labels = [label for label, _ in parts]
    found = {}
    for label, part in parts_of_gradient(value, gradient, name):
        plain = re.sub(r"\bd(\w+\W*)$", r"\1", label)
        found[label if label in labels or plain not in labels else plain] = part
    if extra := [label for label in found if label not in labels]:
        raise ValueError(f"backward returns a gradient for {extra[0]}, which is no input")
    return [leaf for label, part in parts for leaf in match(part, found.get(label), label)]


def parts_of_gradient(value: Any, gradient: Any, name: str) -> list[tuple[str, Any]]:
    """The parts of a gradient, named like the parts of the value."""
    labels = [label for label, _ in children(value, name) or []]
    if (is_dataclass(value) or hasattr(value, "_fields")) and isinstance(gradient, dict):
        return [(f"{name}.{key}", part) for key, part in gradient.items()]
    if isinstance(value, (list, tuple)) and isinstance(gradient, (list, tuple, np.ndarray)):
        if len(gradient) != len(labels):
            raise ValueError(
                f"the gradient of {name} has {len(gradient)} items, {name} has {len(labels)}"
            )
        return list(zip(labels, gradient, strict=True))
    parts = children(gradient, name)
    if parts is None or isinstance(gradient, (list, tuple)):
        raise ValueError(
            f"the gradient of {name} is of type {type(gradient).__name__}; {name} is a "
            f"{type(value).__name__} of {len(labels)} items, and so must be its gradient"
        )
    return parts
