"""The options of a check, which `check` describes.

tolerance > 0,  absolute >= 0,  max_entries >= 1,  max_seconds > 0,  points >= 1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minigan.gradcheck.leaf import GradcheckInputError


@dataclass(frozen=True)
class Options:
    """Options that all checks have. Raises GradcheckInputError for an invalid one."""

    tolerance: float | None = None
    absolute: float = 0.0
    seed: int = 0
    max_entries: int = 2000
    max_seconds: float = 10.0
    points: int = 3
    constant: Sequence[str] = ()
    tick: Callable[[], None] = lambda: None
    repeats: int = 64  # equal calls that look for rare randomness

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        for name, valid, wanted in (
            ("tolerance", self.tolerance is None or self.tolerance > 0, "a positive number"),
            ("absolute", self.absolute >= 0, "0 or a positive number"),
            ("max_entries", self.max_entries >= 1, "at least 1"),
            ("max_seconds", self.max_seconds > 0, "a positive number"),
            ("points", self.points >= 1, "at least 1"),
        ):
            if not valid:
                raise GradcheckInputError(f"{name} is {getattr(self, name)}; it must be {wanted}.")
