"""The inputs that need no gradient: those named in `constant`.

    constant = ["t", "params['W']"]       t with all its parts, and one part of params

A name that is no input is refused, because it may be misspelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from minigan.gradcheck.leaf import GradcheckInputError, Leaf
from minigan.gradcheck.report import Report


class UnknownNameError(GradcheckInputError):
    """A name in `constant` is no input."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        """`known` are the names of the inputs."""
        super().__init__(f"constant contains {name!r}, but the inputs are {', '.join(known)}.")
        self.name = name


def is_constant(name: str, constant: Sequence[str]) -> bool:
    """Is the leaf, or an argument or container that it is part of, one of these names?"""
    return any(name == one or name.startswith((f"{one}[", f"{one}.")) for one in constant)


def require_known(constant: Sequence[str], leaves: Sequence[Leaf]) -> None:
    """Raises UnknownNameError for a name that is no input and no part of one."""
    names = [leaf.name for leaf in leaves]
    for one in constant:
        if not any(is_constant(name, [one]) for name in names):
            raise UnknownNameError(one, names)


def with_known_names(
    checks: Sequence[Callable[[Sequence[str]], Report]], constant: Sequence[str]
) -> list[Report]:
    """The report of each check, called with those names in `constant` that it knows.

    Raises UnknownNameError for a name that no check knows.
    """
    refused: Counter[str] = Counter()

    def report_of(check: Callable[[Sequence[str]], Report], names: Sequence[str]) -> Report:
        try:
            return check(names)
        except UnknownNameError as error:
            refused[error.name] += 1
            if refused[error.name] == len(checks):
                raise
            return report_of(check, [name for name in names if name != error.name])

    return [report_of(check, constant) for check in checks]
