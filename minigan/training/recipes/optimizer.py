"""The table `[optimizer]` of a recipe: the optimizer of both players and its hyperparameters.

    kind = "momentum"    rate, its schedule, and the schedule of the momentum
    kind = "rmsprop"     rate, its schedule, decay, epsilon
    kind = "adam"        rate, its schedule, beta1, beta2, epsilon

The paper has momentum. A setting of another kind has no effect, and only its default is accepted,
or 0 for the two of the momentum, which every file has.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.system.values import one_of, within, without_effect

OWN = {  # the settings that not every kind has
    "momentum": ("momentum", "momentum_final"),
    "rmsprop": ("decay", "epsilon"),
    "adam": ("beta1", "beta2", "epsilon"),
}
BELOW_1 = 0.999999


@dataclass(frozen=True)
class OptimizerSettings:
    """The optimizer and its schedules, where t is the number of the update.

    eta = max(rate / rate_divisor^t, rate_floor). mu is `momentum` until epoch
    `momentum_first_epoch`, then linear, and `momentum_final` from `momentum_last_epoch` on; both
    are 0 for another kind. `decay`, `beta1`, `beta2` and `epsilon` are those of
    `minigan.optimizers.rmsprop` and `minigan.optimizers.adam`, with the usual defaults.
    `max_column_norm`: the largest norm of a column of any W of a linear layer; 0: no limit
    (`minigan.optimizers.column_norms`).
    """

    rate: float
    rate_divisor: float
    rate_floor: float
    momentum: float
    momentum_final: float
    momentum_first_epoch: int
    momentum_last_epoch: int
    kind: str = "momentum"
    decay: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    max_column_norm: float = 0.0

    def __post_init__(self) -> None:
        one_of("optimizer.kind", self.kind, tuple(OWN))
        within("optimizer.rate", self.rate, 0, 1000)
        within("optimizer.rate_divisor", self.rate_divisor, 1, 10)
        within("optimizer.rate_floor", self.rate_floor, 0, self.rate, f"rate = {self.rate}")
        for name in ("momentum", "momentum_final", "decay", "beta1", "beta2"):
            within(f"optimizer.{name}", getattr(self, name), 0, BELOW_1)
        within("optimizer.epsilon", self.epsilon, 1e-12, 1)
        within("optimizer.max_column_norm", self.max_column_norm, 0, 1e6)
        first = self.momentum_first_epoch
        within("optimizer.momentum_first_epoch", first, 1, 10**9)
        within("optimizer.momentum_last_epoch", self.momentum_last_epoch, first + 1, 10**9)
        for name in sorted({name for names in OWN.values() for name in names} - {*OWN[self.kind]}):
            required = not hasattr(OptimizerSettings, name)  # the two of the momentum
            neutral = 0.0 if required else getattr(OptimizerSettings, name)
            reason = f"with optimizer.kind = {self.kind!r}"
            without_effect(f"optimizer.{name}", getattr(self, name), neutral, reason, required)
