"""Find the parameters of a layer object, by changing each array that it holds.

    forward(x) changes if layer.W changes    =>    W is a parameter

A number, unlike an array, is a parameter only if it has a gradient: it may be a constant such as a
slope. A layer that creates its parameters in its first forward pass is examined after one.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.calls import FunctionPair
from minigan.gradcheck.leaf import like, to_numpy
from minigan.gradcheck.paths import Path, arrays_in, gradient_paths, is_array, read, write
from minigan.gradcheck.vector import in_structure, vector_of


@dataclass(frozen=True)
class Parameter:
    """The paths under which the object keeps one array, and the path of its gradient (None: not
    found)."""

    paths: tuple[Path, ...]
    gradient: Path | None


def built(layer: Any, calls: FunctionPair) -> Any:
    """The layer after one forward pass, if that creates parameters; otherwise the layer.

    Unlike a state, a parameter is not changed by a second pass.
    """
    once = copy.deepcopy(layer)
    run(once, calls)
    twice = copy.deepcopy(once)
    y = run(twice, calls)[0]
    known = {path for path, _ in arrays_in(layer)}
    for path, value in arrays_in(once):
        unchanged = path not in known and equal(value, read(twice, path))
        if unchanged and influences(once, [path], calls, y):
            return once
    return layer


def find_parameters(layer: Any, calls: FunctionPair) -> list[Parameter]:
    """The parameters, each with its gradient."""
    after = copy.deepcopy(layer)
    y, outputs, cache = run(after, calls)
    dy = in_structure(outputs, np.ones(y.size))
    methods_of(after, calls).call_backward(dy, [cache] if calls.cached else [], {})
    paths: dict[Any, list[Path]] = {}
    for path, value in arrays_in(layer):
        paths.setdefault(path if isinstance(value, float) else id(value), []).append(path)
    found = []
    for same in paths.values():
        gradient = gradient_of(layer, after, same)
        is_number = isinstance(read(layer, same[0]), float)
        if (gradient or not is_number) and influences(layer, same, calls, y):
            found.append(Parameter(tuple(same), gradient))
    return found


def gradient_of(before: Any, after: Any, paths: Sequence[Path]) -> Path | None:
    """Where the gradient of the array at these paths is after backward; None if it is not found.

    A place that backward has changed is preferred; next to a number, no other counts.
    """
    places = [place for path in paths for place in gradient_paths(path)]
    held = [place for place in places if is_array(read(after, place))]
    changed = [place for place in held if not equal(read(before, place), read(after, place))]
    is_number = isinstance(read(before, paths[0]), float)
    return next(iter(changed if is_number else [*changed, *held]), None)


def influences(layer: Any, paths: Sequence[Path], calls: FunctionPair, y: Array) -> bool:
    """Does y change if all numbers of this array change?"""
    other = copy.deepcopy(layer)
    value = read(other, paths[0])
    for path in paths:
        write(other, path, like(value, np.asarray(to_numpy(value) * 1.25 + 0.125)))
    try:
        changed = run(other, calls)[0]
    except Exception:  # forward rejects such numbers, so it reads them
        return True
    return changed.shape != y.shape or not np.array_equal(changed, y, equal_nan=True)


def run(layer: Any, calls: FunctionPair) -> tuple[Array, Any, Any]:
    """y as a vector, the outputs, and the cache of a forward pass that may change the layer."""
    arguments = copy.deepcopy(calls.arguments)
    outputs, cache = methods_of(layer, calls).call_forward(arguments, {})
    return vector_of(outputs, "f"), outputs, cache


def equal(a: Any, b: Any) -> bool:
    """Are these equal arrays or numbers? False if one is missing."""
    return is_array(a) and is_array(b) and np.array_equal(to_numpy(a), to_numpy(b), equal_nan=True)


def methods_of(layer: Any, calls: FunctionPair) -> FunctionPair:
    """The same calls with the methods of this object; without forward, the object is called."""
    forward = getattr(layer, "forward", layer)
    return replace(calls, forward_function=forward, backward_function=layer.backward)
