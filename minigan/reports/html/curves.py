"""Which curves a log holds: those of the game with their equilibrium, then any other number.

    V                  for Eq. 1: -log 4 at the equilibrium (Thm. 1)
    G's loss           for Eq. 1: log 2 (non-saturating) or -log 2 (minimax)
    D(x), D(G(z))      for Eq. 1: 1/2

Every field of log.jsonl with a number in it gets a curve, also one that is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minigan.objectives import LOG_2, LOG_4, Equilibrium
from minigan.reports.html.markup import MINUS

LARGEST = 1e150  # beyond it a point is not drawn


@dataclass(frozen=True)
class Curve:
    """Values of one or two fields over the iterations `t`; None where a line has no such value.

    `names` are the fields' names in the log and `labels` those for people, `unit` is that of the
    values ("" if they have none), `level` a value to compare with and its words.
    """

    title: str
    unit: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    t: tuple[int, ...]
    values: tuple[tuple[float | None, ...], ...]
    level: tuple[float, str] | None = None


@dataclass(frozen=True)
class _Known:
    title: str
    names: Mapping[str, str]
    unit: str = ""
    level: tuple[float, str] | None = None


def curves(
    lines: Sequence[Mapping[str, Any]], equilibrium: Equilibrium, unit: str = "nats"
) -> list[Curve]:
    """The curves of a log; both losses are in `unit`."""
    drawn = (line for line in lines if plain(line["iteration"]) is not None)
    lines = sorted(drawn, key=lambda line: int(line["iteration"]))
    known = _known(equilibrium, unit)
    named = {"iteration"} | {name for one in known for name in one.names}
    others: dict[str, None] = {}  # in the order of the log
    for line in lines:
        for name, value in line.items():
            if name not in named and name not in others and plain(value) is not None:
                others[name] = None
    unknown = [_Known(name.replace("_", " "), {name: name}) for name in others]
    ordered = [*known[:-1], *unknown, known[-1]]
    return [curve for one in ordered if (curve := _curve(one, lines))]


def plain(value: object) -> float | None:
    """The value as a number that can be drawn, else None: no bool, and not beyond 1e150."""
    if isinstance(value, (float, int)) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return float(value)
    return None


def level(value: float) -> tuple[float, str]:
    """The value with its label: log 2, log 4 and 1/2 by these names, another with four digits."""
    names = {LOG_4: "log 4", LOG_2: "log 2", 0.5: "1/2"}
    label = names.get(abs(value), f"{abs(value):.4g}")
    return value, f"{MINUS if value < 0 else ''}{label}"


def _known(equilibrium: Equilibrium, unit: str) -> list[_Known]:
    V, loss_g, D = map(level, equilibrium)
    return [
        _Known("V(D, G), which D ascends", {"V": "V"}, unit, V),
        _Known("G's loss, which G descends", {"loss_g": "loss"}, unit, loss_g),
        _Known("D's answers, on average", {"D_x": "D(x)", "D_Gz": "D(G(z))"}, "", D),
        _Known("log-likelihood of validation", {"validation_LL": "LL"}, "nats"),
        _Known("sigma chosen on validation", {"sigma": "sigma"}),
        _Known("distance to validation", {"validation_distance": "distance"}),
        _Known("learning rate eta of G", {"eta": "eta"}),
        _Known("momentum mu of G", {"mu": "mu"}),
        _Known("time of play", {"seconds": "time"}, "seconds"),
    ]


def _curve(known: _Known, lines: Sequence[Mapping[str, Any]]) -> Curve | None:
    """None where no line has a value."""
    rows = [
        (line["iteration"], values)
        for line in lines
        if not known.names.keys().isdisjoint(line)
        for values in [[plain(line.get(name)) for name in known.names]]
        if any(value is not None for value in values)
    ]
    if not rows:
        return None
    return Curve(
        known.title,
        known.unit,
        tuple(known.names),
        tuple(known.names.values()),
        tuple(t for t, _ in rows),
        tuple(zip(*(values for _, values in rows), strict=True)),
        known.level,
    )
