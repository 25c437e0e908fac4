"""The parameters of forward and backward: which arguments they take, and their names.

backward(dy, x, W)     backward(dy, cache)     backward(dh, dc, x, W)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minigan.gradcheck.leaf import GradcheckInputError

CACHE_NAMES = {"cache", "ctx", "context", "saved", "residuals", "tape", "memo"}
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
    """Is backward's last required parameter, after dy, named like a cache, and no input?"""
    named = required_parameters(signature_parameters(backward))
    is_input = named[-1:] and named[-1] in [one.name for one in signature_parameters(forward)]
    return len(named) > 1 and named[-1] in CACHE_NAMES and not is_input


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
