"""The parameters of forward and backward: which arguments they take, and their names.

backward(dy, x, W)     backward(dy, cache)     backward(dh, dc, x, W)
backward(x, W, dy)     backward(cache, dy)     backward(x, W, dh, dc)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minigan.gradcheck.leaf import GradcheckInputError

CACHE_NAMES = {"cache", "ctx", "context", "saved", "residuals", "tape", "memo"}
DY = re.compile(r"_?d|g$|gy$|.*grad|upstream|.*delta|.*bar$", re.IGNORECASE)  # names of dy
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def call(
    role: str, function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """function(*arguments, **keywords). Raises GradcheckInputError if it has other parameters."""
    try:
        return function(*arguments, **keywords)
    except TypeError:
        try:
            inspect.signature(function).bind(*arguments, **keywords)
        except TypeError as problem:
            raise GradcheckInputError(
                f"{role} cannot be called ({problem}): check calls forward with the inputs, and "
                "backward with dy and the inputs, or with dy and the cache that forward returns "
                "after y (option cache=True); check_layer(object, x) calls object.forward(x) and "
                "object.backward(dy)."
            ) from None
        except ValueError:  # the function has no signature
            pass
        raise


def takes_cache(forward: Callable[..., Any], backward: Callable[..., Any]) -> bool:
    """Is backward's last or first required parameter named like a cache, and no input?"""
    named = required_parameters(signature_parameters(backward))
    inputs = {one.name for one in signature_parameters(forward)}
    return len(named) > 1 and bool({named[0], named[-1]} & CACHE_NAMES - inputs)


def takes_dy_last(
    parameters: Sequence[inspect.Parameter], inputs: Sequence[str], cached: bool
) -> bool:
    """Does backward take dy after the cache, or after the inputs of forward with these names?

    The names decide: those of forward's parameters first, then one like dy, dout or grad_output.
    """
    named = required_parameters(parameters)
    if cached:
        return len(named) > 1 and named[0] in CACHE_NAMES
    count = len(inputs)
    return named[:count] == [*inputs] and bool(named[count:]) and bool(DY.match(named[-1]))


def required_parameters(parameters: Sequence[inspect.Parameter]) -> list[str]:
    """The names of the positional parameters without a default."""
    return [one.name for one in parameters if one.kind in POSITIONAL and one.default is one.empty]


def signature_parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters of a function; none if it has no signature (functions written in C)."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def takes_rng(function: Callable[..., Any]) -> bool:
    """Does an example take the generator: is its first parameter named rng, or has it no default?

    A function without a signature takes none.
    """
    return any(
        one.kind in (*POSITIONAL, one.VAR_POSITIONAL)
        and (one.name == "rng" or one.default is one.empty)
        for one in signature_parameters(function)[:1]
    )


def accepted_keywords(
    parameters: Sequence[inspect.Parameter], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """The keyword arguments that there are parameters for; all if any name is accepted."""
    if not parameters or any(p.kind is p.VAR_KEYWORD for p in parameters):
        return dict(keywords)
    accepted = {p.name for p in parameters if p.kind is not p.POSITIONAL_ONLY}
    return {name: value for name, value in keywords.items() if name in accepted}


def input_names(
    forward: Callable[..., Any], count: int, names: Sequence[str] | None
) -> tuple[str, ...]:
    """One name per argument: those given, or the names of forward's parameters.

    Raises GradcheckInputError if the number of given names is not `count`.
    """
    if names is not None:
        if len(names) != count:
            raise GradcheckInputError(
                f"names contains {len(names)} names for {count} inputs; give one for each."
            )
        return tuple(names)
    parameters = signature_parameters(forward)
    labels = [p.name for p in parameters if p.kind in POSITIONAL]
    star = next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), "input")
    labels += [f"{star}[{i}]" for i in range(count - len(labels))]
    return tuple(labels[:count])
