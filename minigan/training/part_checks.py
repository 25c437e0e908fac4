"""Try custom parts once, before there is a run folder: a wrong one is an error and not a lost run.

data         name and shape; one row of each split, float32
prior        z (m, z_size), float32
networks     sizes; no mask in G; one forward and one backward pass
objective    finite equilibrium; losses are numbers, gradients have the shape of the logits
optimizer    state and hyperparameters that can be saved, restored and logged
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigan.arrays import array_module
from minigan.data.sets import SETS, DataSet
from minigan.draws import generator
from minigan.errors import UserError
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Optimizer
from minigan.training.metrics import METRICS, SAVE_METRICS
from minigan.training.parts import Parts

ROWS = 2
LOG_FIELDS = {"iteration", "seconds", *METRICS, *SAVE_METRICS}
RESERVED = {"theta", "average"}  # theta_g, theta_d and average_g are other fields of a checkpoint


def check_parts(parts: Parts, z_size: int) -> None:
    """Try the data set, prior, objective and networks that are given. Raises UserError."""
    if parts.data is not None:
        with _naming("data"):
            _check_data(parts.data)
    if parts.prior is not None:
        with _naming("prior"):
            z = parts.prior(generator(0, "noise/check", 0), ROWS, z_size)
            _require_rows(z, (ROWS, z_size))
    if parts.objective is not None:
        with _naming("objective"):
            _check_objective(parts.objective)
    for name, network in (("G", parts.G), ("D", parts.D)):
        if network is not None:
            with _naming(name):
                _check_network(network)


def check_optimizer(optimizer: Optimizer) -> None:
    """Refuse state that cannot be restored, and hyperparameters that cannot be logged.

    Raises UserError.
    """
    with _naming("optimizer"):
        if type(optimizer.updates) is not int:
            raise UserError("`updates` must be an int, the number of updates so far")
        xp = array_module(optimizer.theta.vector)
        again = optimizer.state()
        for name, array in optimizer.state().items():
            if not (isinstance(name, str) and name.isidentifier()) or name in RESERVED:
                raise UserError(f"state must have names other than {name!r}: identifiers")
            fits = isinstance(array, xp.ndarray) and array.flags.c_contiguous
            if not fits or not xp.shares_memory(array, again[name]):
                raise UserError(
                    f"state()[{name!r}] must be one contiguous array of the device, the same at "
                    "each call: it is saved, and written when a run resumes"
                )
        _check_hyperparameters(optimizer.hyperparameters(0))


def _check_hyperparameters(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in LOG_FIELDS:
            raise UserError(f"hyperparameters must not be called {name!r}: the log has that field")
        if type(value) not in (int, float) or not math.isfinite(value):
            raise UserError(f"hyperparameters()[{name!r}] must be a finite float, not {value!r}")


def _check_data(data: DataSet) -> None:
    if not isinstance(data.name, str) or not data.name or data.name in SETS:
        raise UserError(f"its name must be a text other than {', '.join(SETS)}, not {data.name!r}")
    shape = data.shape
    whole = isinstance(shape, tuple) and all(type(size) is int and size > 0 for size in shape)
    if not whole or len(shape) not in (1, 3):
        raise UserError(f"its shape must be (d,) or (height, width, channels), not {shape!r}")
    for split in (data.train, data.validation, data.test):
        if tuple(split.shape) != shape or len(split) < 1:
            raise UserError("its three splits must have one shape and at least one example each")
        x = np.empty((1, math.prod(shape)), np.float32)
        row = split.gather(np.zeros(1, np.int64))
        _require_rows(row, x.shape)
        if not np.array_equal(split.gather(np.zeros(1, np.int64), out=x), row):
            raise UserError("`gather` must write into `out` what it returns without it")


def _check_network(network: Network) -> None:
    if not isinstance(network, Network):
        raise UserError(f"it must be a Network, not {type(network).__name__}")
    for _, keep in network.mask_sizes:
        if not 0 < keep <= 1:
            raise UserError(f"mask_keep must be a probability in (0, 1], not {keep}")
    theta = network.initial(0, "check")
    masks = [np.ones((ROWS, width), bool) for width, _ in network.mask_sizes]
    trace = network.forward(theta, np.ones((ROWS, network.inputs), np.float32), masks)
    _require_rows(trace.y, (ROWS, network.outputs))
    _, dx = network.backward(trace, np.ones_like(trace.y))
    _require_rows(dx, (ROWS, network.inputs))


def _check_objective(objective: Objective) -> None:
    if not isinstance(objective, Objective):
        raise UserError(f"it must be an Objective, not {type(objective).__name__}")
    for value in objective.equilibrium:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise UserError(f"the values of its equilibrium must be finite floats, not {value!r}")
    a = np.zeros((ROWS, 1), np.float32)
    of_loss = objective.logits_of_loss(a, a)
    for result in (objective.value(a, a), objective.loss(*of_loss)):
        if np.ndim(result) != 0:
            raise UserError("value and loss must return one number")
        float(result)
    gradients = (*objective.value_gradient(a, a), objective.loss_gradient(*of_loss))
    for result in (*gradients, objective.D(a)):
        if np.shape(result) != a.shape:
            raise UserError("gradients and D must have the shape (m, 1) of the logits")


def _require_rows(x: Any, shape: tuple[int, ...]) -> None:
    found = f"{getattr(x, 'dtype', type(x).__name__)} of shape {np.shape(x)}"
    if not isinstance(x, np.ndarray) or x.shape != shape or x.dtype != np.float32:
        raise UserError(f"it must return float32 of shape {shape}, not {found}")


@contextmanager
def _naming(part: str) -> Iterator[None]:
    """Turn whatever a part raises into a UserError that names the part."""
    try:
        yield
    except Exception as error:  # a part is code of the user's own, and may raise anything
        kind = "" if isinstance(error, UserError) else f"{type(error).__name__}: "
        raise UserError(f"the custom {part} cannot be used: {kind}{error}") from None
