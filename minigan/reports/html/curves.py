"""The curves of a log: the fields of the game with their equilibrium values, then all other fields.

    field              value at the equilibrium, for Eq. 1
    V                  -log 4 (Thm. 1)
    loss of G          log 2 (non-saturating) or -log 2 (minimax)
    D(x), D(G(z))      1/2

Every numeric field of log.jsonl gets a curve, also fields that are not listed in this module; of
those, the first MOST_OTHERS. The report states a constant field in a sentence and draws the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minigan.objectives import LOG_2, LOG_4, Equilibrium
from minigan.reports.html.markup import MINUS

MOST_OTHERS = 50  # curves of fields that minigan does not write
LARGEST = 1e150  # points with a larger absolute value are not drawn
MEANINGS = {  # of the first field of each curve
    "V": "The value of the game on a minibatch. At the dashed line D cannot separate samples from "
    "examples.",
    "loss_g": "It need not fall: D improves at the same time.",
    "D_x": "The outputs of D for examples x and for samples G(z). A wide gap means that D wins.",
    "penalty": "Its value times its weight. It is large where D is steep.",
    "validation_LL": "The Parzen estimate with samples of G. Higher is better.",
    "sigma": "The width of the Parzen kernels with the highest log-likelihood.",
    "validation_distance": "The mean distance from an example to its nearest sample. Lower is "
    "better.",
    "eta": "The size of the steps of G, by its schedule.",
    "mu": "The share of the last step of G that is added to the next one.",
    "seconds": "The time of all sessions together. A bend is a change of speed.",
    "modes": "The number of modes of the data that samples reach. More is better.",
    "near": "The share of samples within 3 standard deviations of a mode. Higher is better.",
    "modes_KL": "How far the masses of the modes are from those of the data, in nats. Lower is "
    "better.",
    "classes": "The number of classes that a classifier finds among samples. More is better.",
    "rarest": "The smallest share of a class among samples.",
    "classifier_error": "The share of held-out images that this classifier gets wrong.",
    "diversity": "The spread of samples divided by that of training images. Near 0, G has "
    "collapsed.",
    "collapsed": "1 where the warning of mode collapse applies, else 0.",
}
MEANINGS_WITHOUT_G = MEANINGS | {  # in a run of a DBN, CAE or GSN
    "layer": "The layer that is being trained, from the bottom.",
    "loss": "On a minibatch, of this layer. For a DBN, the cross-entropy of its reconstruction.",
    "validation_LL": "The Parzen estimate with samples of the model. Higher is better.",
    "eta": "The size of the steps, by its schedule.",
    "mu": "The share of the last step that is added to the next one.",
    "diversity": "The spread of samples divided by that of training images.",
}


@dataclass(frozen=True)
class Curve:
    """Values of one or two log fields at the iterations `t`.

    `names` are the names of the fields in the log and `labels` their names in the chart. `values`
    holds a tuple for each field, with None for log lines without that field. `unit` is the unit of
    the values, or "". `level` is a reference value with its label, or None. `meaning` explains the
    curve in a sentence; it is "" for a field that minigan does not write.
    """

    title: str
    unit: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    t: tuple[int, ...]
    values: tuple[tuple[float | None, ...], ...]
    level: tuple[float, str] | None = None
    meaning: str = ""

    @property
    def constant(self) -> bool:
        """Whether each field has the same value in all of at least two log lines."""
        return len(self.t) > 1 and all(len(set(column)) == 1 for column in self.values)


@dataclass(frozen=True)
class _Known:
    title: str
    names: Mapping[str, str]
    unit: str = ""
    level: tuple[float, str] | None = None


def curves(
    lines: Sequence[Mapping[str, Any]], equilibrium: Equilibrium | None, unit: str = "nats"
) -> list[Curve]:
    """The curves of a log in the order of the report. `unit` is the unit of V and the loss of G.

    `equilibrium` is None for a run of another model than a GAN.
    """
    drawn = (line for line in lines if plain(line["iteration"]) is not None)
    lines = sorted(drawn, key=lambda line: int(line["iteration"]))
    known, meanings = _known(equilibrium, unit), MEANINGS
    if equilibrium is None:
        meanings = MEANINGS_WITHOUT_G
    named = {"iteration"} | {name for one in known for name in one.names}
    others: dict[str, None] = {}  # an ordered set
    for line in lines:
        for name, value in line.items():
            is_new = name not in named and name not in others and len(others) < MOST_OTHERS
            if is_new and plain(value) is not None:
                others[name] = None
    unknown = [_Known(name.replace("_", " "), {name: name}) for name in others]
    ordered = [*known[:-1], *unknown, known[-1]]
    return [curve for one in ordered if (curve := _curve(one, lines, meanings))]


def plain(value: object) -> float | None:
    """The value as a float, or None if it is not a number or its absolute value exceeds 1e150."""
    if isinstance(value, (float, int)) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return float(value)
    return None


def level(value: float) -> tuple[float, str]:
    """The value with its label: "log 2", "log 4" or "1/2" for these values, else four digits."""
    names = {LOG_4: "log 4", LOG_2: "log 2", 0.5: "1/2"}
    label = names.get(abs(value), f"{abs(value):.4g}")
    return value, f"{MINUS if value < 0 else ''}{label}"


def _known(equilibrium: Equilibrium | None, unit: str) -> list[_Known]:
    game, of_G = [], ""
    if equilibrium is not None:
        V, loss_g, D = map(level, equilibrium)
        of_G = " of G"
        game = [
            _Known("V(D, G), maximised by D", {"V": "V"}, unit, V),
            _Known("loss of G, minimised by G", {"loss_g": "loss"}, unit, loss_g),
            _Known("mean of D(x) and D(G(z))", {"D_x": "D(x)", "D_Gz": "D(G(z))"}, "", D),
            _Known("penalty on D's input gradient", {"penalty": "penalty"}),
        ]
    return [
        *game,
        _Known("log-likelihood of validation examples", {"validation_LL": "LL"}, "nats"),
        _Known("sigma chosen on validation examples", {"sigma": "sigma"}),
        _Known("distance of validation examples", {"validation_distance": "distance"}),
        _Known(f"learning rate eta{of_G}", {"eta": "eta"}),
        _Known(f"momentum mu{of_G}", {"mu": "mu"}),
        _Known("training time", {"seconds": "time"}, "seconds"),
    ]


def _curve(
    known: _Known, lines: Sequence[Mapping[str, Any]], meanings: Mapping[str, str]
) -> Curve | None:
    """The curve of a known entry, or None if no line has a value."""
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
        meanings.get(next(iter(known.names)), ""),
    )
