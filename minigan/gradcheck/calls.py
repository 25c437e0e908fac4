"""Call forward and backward functions in the usual forms.

    y = forward(x, W, ...)             backward(dy, x, W, ...)     -> gradients
    y, cache = forward(x, W, ...)      backward(dy, cache)         -> gradients

With several outputs, backward may take one parameter for each: backward(dh, dc, cache). dy may be
last where the names say so: backward(x, W, dy), backward(cache, dout).

The gradients are one item for each floating input, in order, or one for each input, or a dict of
the inputs' names, with or without a d in front: {"x": dx, "W": dW}. A last item may be such a dict
of the other inputs: dx, {"W": dW}. A single gradient may be returned alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter
from typing import Any

from minigan.gradcheck.leaf import GradcheckInputError, Leaf, leaf_of
from minigan.gradcheck.options import is_constant
from minigan.gradcheck.signatures import (
    accepted_keywords,
    call,
    input_names,
    required_parameters,
    signature_parameters,
    takes_cache,
    takes_dy_last,
)
from minigan.gradcheck.structure import flatten, match, rebuild


class NotComparableError(Exception):
    """No gradient can be compared. The message is the reason, the same for all inputs."""


@dataclass(frozen=True)
class FunctionPair:
    """Two functions and the structure of their arguments: positional ones, then keywords.

    `floating` are the positions of the arguments that contain floating numbers, `wanted` those of
    them that need a gradient.
    """

    forward_function: Callable[..., Any]
    backward_function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    names: tuple[str, ...]
    cached: bool
    floating: tuple[int, ...]
    wanted: tuple[int, ...]

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The parameters of backward."""
        return signature_parameters(self.backward_function)

    @cached_property
    def dy_last(self) -> bool:
        """Does backward take dy after the inputs or the cache?"""
        inputs = input_names(self.forward_function, len(self.arguments), None)
        return takes_dy_last(self.parameters, inputs, self.cached)

    def forward(self, inputs: Sequence[Any]) -> Any:
        """y, without the cache."""
        return self.call_forward(*self.rebuilt(inputs))[0]

    def backward(self, dy: Any, inputs: Sequence[Any]) -> list[Any]:
        """The gradients of the leaves. Raises NotComparableError if they do not match."""
        arguments, keywords = self.rebuilt(inputs)
        if self.cached:
            arguments, keywords = [self.call_forward(arguments, keywords)[1]], {}
        return self.gradients(self.call_backward(dy, arguments, keywords))

    def rebuilt(self, inputs: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments and the keyword arguments with these leaves."""
        leaves = iter(inputs)
        arguments = [rebuild(value, leaves) for value in self.arguments]
        return arguments, {key: rebuild(value, leaves) for key, value in self.keywords.items()}

    def call_forward(
        self, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        """y and the cache, the last item that forward returns; None where it has no cache."""
        result = call("forward", self.forward_function, arguments, keywords)
        if not self.cached:
            return result, None
        if not isinstance(result, (tuple, list)) or len(result) < 2:
            raise GradcheckInputError(
                f"forward returned {type(result).__name__}; with a cache it must return the two "
                "items (y, cache)."
            )
        return result[0] if len(result) == 2 else tuple(result[:-1]), result[-1]

    def call_backward(self, dy: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """What backward returns for dy, these arguments and the keyword arguments it accepts.

        Several outputs are passed one by one if backward has as many more required parameters.
        """
        accepted = accepted_keywords(self.parameters, keywords)
        several = len(dy) if isinstance(dy, (tuple, list)) else 1
        required = [name for name in required_parameters(self.parameters) if name not in accepted]
        spread = several > 1 and len(required) == several + len(arguments)
        outputs = dy if spread else [dy]
        values = [*arguments, *outputs] if self.dy_last else [*outputs, *arguments]
        return call("backward", self.backward_function, values, accepted)

    def gradients(self, result: Any) -> list[Any]:
        """The gradient of each leaf, by the first assignment that fits the structure of the inputs.

        Raises NotComparableError if there is none.
        """
        values, reason = [*self.arguments, *self.keywords.values()], ""
        for by_place in self.assignments(result):
            gradients = map(by_place.get, range(len(values)))
            found = zip(values, gradients, self.names, strict=True)
            try:
                return [leaf for one in found for _, leaf in match(*one)]
            except ValueError as error:
                reason = reason or str(error)
        raise NotComparableError(reason)

    def place_of(self, key: Any) -> int | None:
        """The position of the only argument whose gradient may have this name: W or dW for W, and
        for params['W'] and cell.W."""
        for names in (self.names, [re.findall(r"\w+", name)[-1] for name in self.names]):
            places = [i for i, name in enumerate(names) if key in (name, f"d{name}")]
            if len(places) == 1:
                return places[0]
        return None

    def assignments(self, result: Any) -> list[dict[int | None, Any]]:
        """The possible assignments of the result of backward: gradients by position of the
        argument."""
        if result is None:
            return [{}]
        items = list(result) if isinstance(result, (tuple, list)) else [result]
        found = []
        if isinstance(items[-1] if items else None, dict):
            *first, named = items
            by_place = {self.place_of(key): part for key, part in named.items()}
            others = [i for i in self.wanted if i not in by_place]
            valid = None not in by_place and len(by_place) == len(named)
            if valid and len(first) in (0, len(others)):
                found.append(by_place | dict(zip(others, first, strict=False)))
        for places in (self.wanted, self.floating, range(len(self.names))):
            for parts in (items, [result]):
                if len(parts) == len(places):
                    found.append(dict(zip(places, parts, strict=True)))
        if not found:
            count = "1 gradient" if len(items) == 1 else f"{len(items)} gradients"
            names = ", ".join(self.names[i] for i in self.wanted)
            raise NotComparableError(
                f"backward returns {count} for {len(self.wanted)} floating inputs ({names}); it "
                "must return one for each, in order; constant=[...] names those that need none"
            )
        return found


def function_pair(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    names: Sequence[str] | None,
    cached: bool | None,
    constant: Sequence[str] = (),
) -> tuple[FunctionPair, list[Leaf]]:
    """The functions, and the leaves of their inputs. Those in `constant` need no gradient."""
    labels = (*input_names(forward, len(arguments), names), *keywords)
    by_argument = [
        [leaf_of(name, leaf) for name, leaf in flatten(value, label)]
        for label, value in zip(labels, [*arguments, *keywords.values()], strict=True)
    ]
    leaves = [leaf for group in by_argument for leaf in group]
    floating = [i for i, group in enumerate(by_argument) if any(one.floating for one in group)]
    wanted = tuple(
        i
        for i, group in enumerate(by_argument)
        if any(one.floating and not is_constant(one.name, constant) for one in group)
    )
    cached = takes_cache(forward, backward) if cached is None else cached
    pair = FunctionPair(
        forward, backward, tuple(arguments), dict(keywords), labels, cached, tuple(floating), wanted
    )
    return pair, leaves
