"""What a checker says about a case, and how a case becomes a function of its floating inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from corpus.operation import Case, is_floating

Outcome = Literal["passed", "failed", "inconclusive", "error"]
SEVERITY = ("passed", "inconclusive", "error", "failed")


@dataclass(frozen=True)
class Result:
    """The outcome, the checker's text, and the inputs that it says are wrong (minigan only).

    "error": the checker raised an exception that is not its way to report a wrong gradient.
    """

    outcome: Outcome
    text: str = ""
    diagnosis: str = ""
    blamed: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class FloatingCase:
    """forward and backward at one point, as functions of the floating inputs only."""

    case: Case
    inputs: tuple[Any, ...]

    @property
    def floating(self) -> list[np.ndarray]:
        """The floating inputs."""
        return [x for x in self.inputs if is_floating(x)]

    def arguments(self, floating: Sequence[np.ndarray]) -> list[Any]:
        """All inputs, with these floating ones."""
        new = iter(floating)
        return [next(new) if is_floating(x) else x for x in self.inputs]

    def forward(self, *floating: np.ndarray) -> np.ndarray:
        """y, in memory of its own."""
        return np.array(self.case.forward(*self.arguments(floating)))

    def backward(self, dy: np.ndarray, *floating: np.ndarray) -> tuple[Any, ...]:
        """The gradients that backward returned. Raises ValueError if their number is wrong."""
        found = self.case.backward(dy, *self.arguments(floating))
        found = found if isinstance(found, (tuple, list)) else (found,)
        if len(found) != len(floating):
            raise ValueError(f"backward returned {len(found)} gradients for {len(floating)} inputs")
        return tuple(found)


def at_every_point(case: Case, check: Callable[[FloatingCase], Result]) -> Result:
    """The result of a checker that takes one point: the most severe, the first of equals."""
    results = []
    for inputs in case.inputs():
        results.append(check(FloatingCase(case, inputs)))
        if results[-1].outcome == "failed":
            break
    return max(results, key=lambda result: SEVERITY.index(result.outcome))


def exception_text(error: BaseException) -> str:
    """The type, and the first and the last line of the message."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {' ... '.join(dict.fromkeys((lines[0], lines[-1])))}"
