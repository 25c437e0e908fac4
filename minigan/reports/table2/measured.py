"""One measured number with its unit, and the other numbers that belong to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measured:
    """A number, its unit, and further numbers by name (`details`)."""

    value: float
    unit: str
    details: dict[str, Any] = field(default_factory=dict)
