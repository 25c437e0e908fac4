"""Check the functions defined in a Python file.

    forward(*inputs) -> y      backward(dy, *inputs) -> gradients      example(rng) -> inputs

A file may define several pairs, with a name before or after: relu_forward, relu_backward and
relu_example, or forward_relu and so on. Instead of forward and backward, it may define layer(rng),
which returns an object with the methods forward(x) and backward(dy); example then returns x.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from tqdm import tqdm

from minigan.gradcheck.checking import check, check_layer
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.loading import loaded
from minigan.gradcheck.options import require_known
from minigan.gradcheck.report import Report
from minigan.gradcheck.signatures import takes_rng

FUNCTIONS = ("forward", "backward", "example")
PARTS = (*FUNCTIONS, "layer")


def check_file(
    path: str | Path,
    *,
    tolerance: float | None = None,
    seed: int = 0,
    points: int = 3,
    max_seconds: float = 10.0,
    constant: Sequence[str] = (),
    quiet: bool = True,
) -> Report:
    """Check every pair of a Python file at the inputs that its example returns.

    example(rng) is called with a NumPy generator, once for each of `points` points; example() gives
    one point, and so does a layer. `constant` are the names of inputs that are not differentiated,
    in addition to the tuple `constant` that the file may define. If the file defines several pairs,
    the rows are named "NAME: x". `max_seconds` limits each pair. `quiet` hides the progress.

    Raises GradcheckInputError if the file cannot be read or lacks a function, or if its code raises
    an exception. The message is one sentence with the path and, if known, the line number.
    """
    with loaded(Path(path)) as module, tqdm(unit=" derivatives", disable=quiet, leave=False) as bar:
        pairs = pairs_of(module)
        names = (*_names_in(getattr(module, "constant", ())), *constant)
        options: dict[str, Any] = {"seed": seed, "tolerance": tolerance, "constant": names}
        options |= {"max_seconds": max_seconds, "tick": bar.update, "one_of_several": True}
        reports = [pair.check(points, options) for pair in pairs]
        require_known(names, [row.name for report in reports for row in report.rows])
    rows = [
        replace(row, name=f"{pair.name}: {row.name}") if pair.name and len(pairs) > 1 else row
        for pair, report in zip(pairs, reports, strict=True)
        for row in report.rows
    ]
    seconds = sum(report.seconds for report in reports)
    return Report(tuple(rows), max(report.points for report in reports), seconds)


@dataclass(frozen=True)
class FilePair:
    """The functions of one pair by part: forward, backward and example, or layer and example."""

    name: str
    functions: dict[str, Callable[..., Any]]

    @property
    def missing(self) -> list[str]:
        """The names of the functions that the pair lacks."""
        is_layer = "layer" in self.functions and not {"forward", "backward"} & set(self.functions)
        needed = ("layer", "example") if is_layer else FUNCTIONS
        prefix = f"{self.name}_" if self.name else ""
        return [prefix + part for part in needed if part not in self.functions]

    def check(self, points: int, options: dict[str, Any]) -> Report:
        """The report of the pair. Raises GradcheckInputError with the name of the pair."""
        example = self.functions["example"]
        try:
            if "forward" not in self.functions:
                rng = np.random.default_rng(options["seed"])
                layer, x = _call(self.functions["layer"], rng), _call(example, rng)
                report: Report = check_layer(layer, *_as_tuple(x), **options)
                return report
            forward, backward = self.functions["forward"], self.functions["backward"]
            return check(forward, backward, example=example, points=points, **options)
        except GradcheckInputError as error:
            where = f"{self.name}: " if self.name else ""
            raise GradcheckInputError(f"{where}{error}") from error


def pairs_of(module: ModuleType) -> list[FilePair]:
    """The pairs of a module in their order. Raises GradcheckInputError if there is none.

    It is also raised for a pair that lacks a function, unless all others are imported from other
    modules. A single function, such as a helper backward_input, is no pair.
    """
    found: dict[str, dict[str, Callable[..., Any]]] = {}
    for key, value in vars(module).items():
        for part in PARTS:
            match = re.fullmatch(rf"(?:([^_].*)_)?{part}|{part}_(.*[^_])", key)
            if match and callable(value):
                found.setdefault(match[1] or match[2] or "", {}).setdefault(part, value)
                break
    pairs = [FilePair(name, functions) for name, functions in found.items()]
    complete = [pair for pair in pairs if not pair.missing]
    for pair in pairs if complete else [FilePair("", found.get("", {}))]:
        own = module.__name__ in {getattr(one, "__module__", "") for one in pair.functions.values()}
        if pair.missing and (not complete or (own and len(pair.functions) > 1)):
            raise GradcheckInputError(
                f"does not define {' and '.join(f'{name}()' for name in pair.missing)}; "
                "a file to check defines forward(*inputs), backward(dy, *inputs) and example()."
            )
    return complete


def _names_in(constant: Any) -> tuple[str, ...]:
    """The names in the variable `constant` of a file; a variable of another kind has none."""
    names = constant if isinstance(constant, list) else _as_tuple(constant)
    return tuple(name for name in names if isinstance(name, str))


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _call(function: Callable[..., Any], rng: np.random.Generator) -> Any:
    return function(rng) if takes_rng(function) else function()
