"""Predictability minimisation: each code unit learns to be unpredictable from the other one.

    y = C(x)                          two code units in (0, 1) of two independent fair bits x
    V = sum_i mean (P_i(y_j) - y_i)^2     P_i predicts unit i from the other unit j
    the predictors P_1, P_2 descend V, the code C ascends it
    dV/dP_i = 2 (P_i - y_i) / m
    dV/dy_i = -2 (P_i - y_i) / m + (dV/dP_j) dP_j/dy_i

The mean is over all m = 4 values of x, so there is no sampling noise. The best predictor is
E[y_i | y_j]. With it V = sum_i E[Var(y_i | y_j)] <= sum_i Var(y_i) <= 1/2, and V = 1/2 only where
both units are fair bits and independent.

Three differences that section 2 names: in a GAN, the competition is the sole training criterion;
the output of one network is the input of the other; and the game is a minimax game.

Source: Schmidhuber 1992.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.arrays import Array
from minigan.layers import Linear, ReLU, Sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

X: Array = np.array(list(product((-1.0, 1.0), repeat=2)))  # the four values of two bits
C = Network(2, (Linear(8, 1.0), ReLU(), Linear(2, 1.0), Sigmoid()))
P = Network(1, (Linear(8, 1.0), ReLU(), Linear(1, 1.0), Sigmoid()))
ROUNDS, PREDICTOR_STEPS = 400, 4
RATE_C, RATE_P, MOMENTUM = 0.05, 0.2, 0.9


@dataclass(frozen=True)
class Code:
    """The bits of both units for each x (4, 2): where y > 1/2, and V at the end."""

    bits: Array
    V: float

    @property
    def entropies(self) -> tuple[float, float]:
        """The entropy of each unit, in bits."""
        return entropy(self.bits[:, 0]), entropy(self.bits[:, 1])

    @property
    def mutual_information(self) -> float:
        """That of the two units, in bits."""
        return sum(self.entropies) - entropy(self.bits[:, 0] + 2 * self.bits[:, 1])


def entropy(values: Array) -> float:
    """The entropy of equally likely whole numbers (N,), in bits."""
    _, counts = np.unique(values, return_counts=True)
    return math.log2(len(values)) - float(counts @ np.log2(counts)) / len(values)


def unpredictability(predicted: Array, y: Array) -> Any:
    """V, from the predictions (m, 2) of both units and the units y (m, 2)."""
    return ((predicted - y) ** 2).sum() / len(y)


def predictability_gradients(
    y: Array, thetas: tuple[Parameters, Parameters]
) -> tuple[Array, tuple[Parameters, Parameters], Any]:
    """(dV/dy (m, 2), dV/dtheta of each predictor, V), for the parameters of both predictors."""
    traces = [P.forward(theta, y[:, 1 - i : 2 - i]) for i, theta in enumerate(thetas)]
    predicted = np.concatenate([trace.y for trace in traces], axis=1)
    of_predictions = 2 * (predicted - y) / len(y)
    dy = -of_predictions
    gradients = []
    for i, trace in enumerate(traces):
        dtheta, of_input = P.backward(trace, of_predictions[:, i : i + 1])
        dy[:, 1 - i : 2 - i] += of_input
        gradients.append(dtheta)
    return dy, (gradients[0], gradients[1]), unpredictability(predicted, y)


def minimise_predictability(seed: int = 0, rounds: int = ROUNDS) -> Code:
    """Trains a code: per round, PREDICTOR_STEPS steps on the predictors and one on the code."""
    code = _player(C, seed, "theta_c", RATE_C)
    first, second = (_player(P, seed, f"theta_p{i}", RATE_P) for i in (1, 2))
    V = math.nan
    with threadpool_limits(1, user_api="blas"):  # these products are too small for two threads
        for _ in range(rounds):
            trace = C.forward(code.theta, X)
            for _ in range(PREDICTOR_STEPS):
                _, gradients, _ = predictability_gradients(trace.y, (first.theta, second.theta))
                first.descend(gradients[0])
                second.descend(gradients[1])
            dy, _, V = predictability_gradients(trace.y, (first.theta, second.theta))
            dtheta, _ = C.backward(trace, dy, inputs=False)
            code.ascend(dtheta)
    return Code((C.forward(code.theta, X).y > 0.5).astype(int), float(V))


def _player(network: Network, seed: int, stream: str, rate: float) -> Momentum:
    theta = network.initial(seed, f"predictability/{stream}", np.float64)
    return Momentum(theta, Constant(rate), Constant(MOMENTUM))
