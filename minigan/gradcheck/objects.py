"""Check a layer object that keeps its cache, its parameters and their gradients inside.

    y = layer.forward(x)      dx = layer.backward(dy)      layer.W, layer.dW

How parameters are found: see `finding.py`; where their gradients are: `paths.py`. backward may also
return them in a dict after dx, or one by one after dx if the object keeps none. Every call works on
a deep copy of the object, so that no state is carried from one call to the next. Gradients that
`backward` accumulates are set to zero before each call.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan.gradcheck.calls import FunctionPair, NotComparableError, function_pair
from minigan.gradcheck.finding import Parameter, built, find_parameters, methods_of
from minigan.gradcheck.leaf import GradcheckInputError, Leaf, like, to_numpy
from minigan.gradcheck.pair import Functions
from minigan.gradcheck.paths import Path, is_array, path_text, read, write
from minigan.gradcheck.structure import rebuild


@dataclass(frozen=True)
class LayerObject:
    """An object, its inputs, and its parameters.

    `calls` describes the inputs of forward, and `everything` these and the parameters.
    """

    layer: Any
    calls: FunctionPair
    everything: FunctionPair
    parameters: tuple[Parameter, ...]

    def forward(self, inputs: Sequence[Any]) -> Any:
        """y of a copy of the object."""
        return self.called(inputs)[1]

    def called(self, inputs: Sequence[Any]) -> tuple[Any, Any, Any]:
        """A copy of the object with these parameters after its forward pass, y, and the cache."""
        layer, leaves = copy.deepcopy(self.layer), iter(inputs)
        arguments = [rebuild(value, leaves) for value in self.calls.arguments]
        for one in self.parameters:
            new = next(leaves)
            for path in one.paths:
                write(layer, path, new)
            if one.gradient:
                set_to_zero(layer, one.gradient)
        return layer, *methods_of(layer, self.calls).call_forward(arguments, {})

    def backward(self, dy: Any, inputs: Sequence[Any]) -> list[Any]:
        """The gradients of the inputs, then those of the parameters."""
        layer, _, cache = self.called(inputs)
        rest = [cache] if self.calls.cached else []
        result = methods_of(layer, self.calls).call_backward(dy, rest, {})
        try:
            gradients = self.calls.gradients(result if self.calls.floating else None)
        except NotComparableError:
            named = isinstance(result, (tuple, list)) and isinstance(result[-1], dict)
            if not named and any(one.gradient for one in self.parameters):
                raise
            return self.everything.gradients(result)
        for one in self.parameters:
            gradients.append(None if one.gradient is None else read(layer, one.gradient))
        return gradients


def layer_object(
    layer: Any, inputs: Sequence[Any], constant: Sequence[str] = ()
) -> tuple[Functions, list[Leaf]]:
    """The object, and the leaves of its inputs and parameters. Raises GradcheckInputError."""
    if isinstance(layer, type):
        raise GradcheckInputError(f"{layer.__name__} is a class; pass an object of it.")
    for name in ("forward", "backward"):
        if not callable(getattr(layer, name, None)) and not (name == "forward" and callable(layer)):
            raise GradcheckInputError(
                f"{type(layer).__name__} has no method {name}(); an object to check has "
                "forward(x) and backward(dy)."
            )
    try:
        layer = copy.deepcopy(layer)
    except Exception as error:  # the object's own methods may raise anything
        raise GradcheckInputError(
            f"{type(layer).__name__} cannot be copied by copy.deepcopy ({error}); check its "
            "functions with `check` instead."
        ) from None

    forward = getattr(layer, "forward", layer)
    calls, _ = function_pair(forward, layer.backward, inputs, {}, None, None, constant)
    layer = built(layer, calls)
    parameters = find_parameters(layer, calls)
    found = {path_text(one.paths[0]): read(layer, one.paths[0]) for one in parameters}
    values, names = (*inputs, *found.values()), (*calls.names, *found)
    everything, leaves = function_pair(forward, layer.backward, values, {}, names, None, constant)
    return LayerObject(layer, calls, everything, tuple(parameters)), leaves


def set_to_zero(layer: Any, path: Path) -> None:
    """Set a gradient to zero, in place if possible: it may be shared by several holders."""
    start = read(layer, path)
    if not is_array(start):
        return
    try:
        start[...] = 0
    except (TypeError, ValueError, RuntimeError):  # a number, or an array that is read-only
        write(layer, path, like(start, np.zeros_like(to_numpy(start))))
