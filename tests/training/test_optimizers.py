"""The optimizer of a player has the kind and the hyperparameters of the recipe."""

from __future__ import annotations

import numpy as np
import pytest
import tiny

from minigan.optimizers import Adam, Momentum, RMSProp
from minigan.parameters import Parameters
from minigan.schedules import ExponentialDecay
from minigan.training.optimizers import optimizer_of

ETA = ExponentialDecay(0.1, 1.01, 0.05)


def player(**changes):
    theta = Parameters({"w": (3,)}, np.ones(3, np.float32))
    return optimizer_of(tiny.recipe(optimizer__rate_floor=0.05, **changes), theta, 3, 40)


def test_momentum_has_a_schedule_in_epochs_of_its_own_updates():
    one = player()
    assert type(one) is Momentum
    assert one.eta == ETA
    # 40 examples in minibatches of 10 make 4 iterations of an epoch, with 3 updates each.
    assert [one.mu(t) for t in (11, 12, 24)] == pytest.approx([0.5, 0.6, 0.7])


def test_adam_and_rmsprop_have_the_settings_of_their_kind():
    adam = player(**tiny.ADAM, optimizer__beta2=0.9, optimizer__epsilon=1e-3)
    assert type(adam) is Adam
    assert (adam.eta, adam.beta1, adam.beta2, adam.epsilon) == (ETA, 0.5, 0.9, 1e-3)
    changes = {"optimizer__kind": "rmsprop", "optimizer__decay": 0.8, "optimizer__epsilon": 1e-3}
    rmsprop = player(**tiny.NO_MOMENTUM, **changes)
    assert type(rmsprop) is RMSProp
    assert (rmsprop.eta, rmsprop.decay, rmsprop.epsilon) == (ETA, 0.8, 1e-3)


def test_a_rate_factor_multiplies_the_rate_and_its_floor():
    theta = Parameters({"w": (3,)}, np.ones(3, np.float32))
    one = optimizer_of(tiny.recipe(optimizer__rate_floor=0.05), theta, 1, 40, rate_factor=2.0)
    assert isinstance(one, Momentum)
    assert one.eta == ExponentialDecay(0.2, 1.01, 0.1)
