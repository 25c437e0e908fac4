"""The arrays that an object holds, and where their gradients are.

    W  <->  dW, grad_W, _dW, grads['W'], ...    params['W']  <->  grads['W']    W.data  <->  W.grad

A path leads from the object to an array: its steps are attributes, or keys of dicts and lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from minigan.gradcheck.leaf import GradcheckInputError, is_foreign, to_numpy

Path = tuple[tuple[str, Any], ...]  # ("attribute", name) or ("item", key) from the object inwards
CONTAINERS = ("params", "parameters", "weights")
GRADIENTS = ("grads", "gradients", "grad", "dparams", "d", "_grads", "_gradients")
HOLDERS = ("data", "value", "array")  # W.data has its gradient in W.grad
NAMES = "d{} grad_{} {}_grad d_{} grad{} g{} {}grad {}_gradient gradient_{}"  # of the gradient
PLAIN = (str, bytes, type, ModuleType, FunctionType, MethodType)


def arrays_in(value: Any, path: Path = (), seen: set[int] | None = None) -> Iterator[Any]:
    """(path, array) for each floating array and number of an object; each holder is read once."""
    seen = set() if seen is None else seen
    if isinstance(value, (np.ndarray, float, np.generic)) or is_foreign(value):
        array = to_numpy(value)
        if array.dtype.kind == "f" and array.size:
            yield path, value
    elif not isinstance(value, PLAIN) and id(value) not in seen:
        seen.add(id(value))
        if isinstance(value, dict):
            parts = [(("item", key), part) for key, part in value.items()]
        elif isinstance(value, (list, tuple)):
            parts = [(("item", i), part) for i, part in enumerate(value)]
        else:
            parts = [(("attribute", key), part) for key, part in attributes(value).items()]
        for step, part in parts:
            yield from arrays_in(part, (*path, step), seen)


def is_array(value: Any) -> bool:
    """True for an array or a floating number."""
    return any(True for _ in arrays_in(value)) and not isinstance(value, (dict, list, tuple))


def attributes(value: Any) -> dict[str, Any]:
    """The attributes of an object, from its __dict__ or its __slots__."""
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return {**held, **getattr(value, "__dict__", {})}


def gradient_paths(path: Path) -> Iterator[Path]:
    """The paths where the gradient of the array at this path may be.

    The last name that has one is replaced first: cell.dW and cell.grads['W'], then dcell.W and
    dcell.dW.
    """
    kind, last = path[-1]
    if last in HOLDERS:
        yield (*path[:-1], (kind, "grad"))
    ends = [(kind, name) for name in gradient_names(last)]
    yield from ((*path[:-1], end) for end in ends)
    inside = [("item", name) for _, name in (path[-1], *ends) if kind == "attribute"]
    yield from ((*path[:-1], (kind, name), end) for name in GRADIENTS for end in inside)
    for i in reversed(range(len(path) - 1)):
        for name in gradient_names(path[i][1]):
            for end in (path[-1], *ends):
                yield (*path[:i], (path[i][0], name), *path[i + 1 : -1], end)


def gradient_names(name: Any) -> list[str]:
    """The usual names of the gradient of `name`; of `_W`, also with the underscore in front."""
    if not isinstance(name, str):
        return []
    public = name.lstrip("_")
    names = NAMES.replace("{}", name).split()
    names += [f"_{one}" for one in NAMES.replace("{}", public).split()]
    return [*names, *GRADIENTS] if public in CONTAINERS else names


def read(value: Any, path: Path) -> Any:
    """The value at a path; None if there is none."""
    for kind, key in path:
        try:
            value = getattr(value, key) if kind == "attribute" else value[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return value


def write(value: Any, path: Path, new: Any) -> None:
    """Replace the value at a path. Raises GradcheckInputError if the object does not allow it."""
    holder, (kind, key) = read(value, path[:-1]), path[-1]
    try:
        if kind == "attribute":
            object.__setattr__(holder, key, new)
        elif isinstance(holder, tuple):
            write(value, path[:-1], tuple(new if i == key else x for i, x in enumerate(holder)))
        else:
            holder[key] = new
    except (AttributeError, TypeError):
        raise GradcheckInputError(
            f"{path_text(path)} cannot be replaced in the object; keep parameters in attributes, "
            "lists or dicts."
        ) from None


def path_text(path: Path) -> str:
    """A path as it is written in Python: "W", "params['W']", "cell.W"."""
    texts = [f".{key}" if kind == "attribute" else f"[{key!r}]" for kind, key in path]
    return "".join(texts).removeprefix(".")
