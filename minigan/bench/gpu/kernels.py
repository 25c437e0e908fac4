"""Checks of the other kernels and of cuBLAS: objectives, update, draws, products.

    V, loss, gradients       compared with float64, because they use exp and log1p
    update, draws, gather    compared with the CPU; no difference is allowed
    products                 compared with float64, relative to the sums of absolute terms

The error of a product in float32 is below 1e-6 of |x| |W|. If the factors are rounded to 11 bits
(TF32), the error is ten times the allowed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from minigan import objectives
from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend
from minigan.bench.gpu.blocks import EXACT, EXP_TOLERANCE, RELATIVE, sigma
from minigan.bench.gpu.check import Check, max_difference, product_error, relative_error
from minigan.bench.gpu.workload import GPUWorkload
from minigan.data.images import Images
from minigan.draws import noise
from minigan.draws.minibatches import Draws, Minibatches
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

SEED, STEPS = 2**64 - 3, (0, 1, 999, 2**40)
KEEP = (0.8, 0.5, 1.0)
SCALES = (0.1, 3.0, 40.0)  # standard deviations of the logits


def value_difference(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """The largest relative error of V and its gradient, for small and large logits."""
    largest, objective = 0.0, backend.objective(objectives.minimax, backend.check())
    for m in workload.rows:
        for a in _logits(2 * m):
            for weight in (1.0, 0.5):
                out = backend.xp.empty(a.shape, dtype=np.float32)
                V = objective.value_with_gradient(backend.asarray(a), weight, out=out)
                expected_V = -(_softplus(-a[:m]) + _softplus(a[m:])).mean()
                expected_da = np.concatenate([sigma(-a[:m]), -sigma(a[m:])]) * weight / m
                V_error = relative_error(_scalar(backend, V), expected_V)
                largest = max(largest, V_error, relative_error(backend.to_host(out), expected_da))
    return largest


def loss_difference(name: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the largest relative error of G's loss and its gradient."""
    sign = 1.0 if name == "minimax" else -1.0

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        objective = backend.objective(objectives.OBJECTIVES[name], backend.check())
        largest = 0.0
        for m in workload.rows:
            for a in _logits(m):
                out = backend.xp.empty(a.shape, dtype=np.float32)
                loss = objective.loss_with_gradient(backend.asarray(a), out=out)
                expected_loss = -sign * _softplus(sign * a).mean()
                loss_error = relative_error(_scalar(backend, loss), expected_loss)
                da_error = relative_error(backend.to_host(out), -sigma(sign * a) / m)
                largest = max(largest, loss_error, da_error)
        return largest

    return measure


def descent_difference(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """The largest difference of theta and v after one update."""
    largest = 0.0
    for size in workload.vectors:
        theta, g, v = np.random.default_rng(size).standard_normal((3, size)).astype(np.float32)
        for eta, mu in ((0.1, 0.5), (-1e-6, 0.7), (3.0, 0.0)):
            results = []
            for one in (backend, NumPyBackend()):
                its_theta, its_g = (
                    Parameters({"theta": (size,)}, one.asarray(x.copy())) for x in (theta, g)
                )
                momentum = Momentum(its_theta, Constant(eta), Constant(mu))
                momentum.v[...] = one.asarray(v)
                optimizer = backend.optimizer(momentum) if one is backend else momentum
                optimizer.descend(its_g)
                results.append((its_theta.vector, optimizer.state()["v"]))
            actual = [backend.to_host(x) for x in results[0]]
            largest = max(largest, *map(max_difference, actual, results[1]))
    return largest


def draws_difference(
    select: Callable[[Draws, int], list[Array]],
) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the largest difference between draws of the device and of the host.

    `select(draws, step)` returns the arrays that are compared.
    """

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        largest = 0.0
        for host in _minibatches(workload):
            device = backend.draws(host)
            for step in STEPS:
                actual = [backend.to_host(x) for x in select(device, step)]
                expected = select(host, step)
                if len(actual) != len(expected):
                    return np.inf
                largest = max(largest, *map(max_difference, actual, expected))
        return largest

    return measure


def products_difference(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """The largest error of x W, x^T dy and dy W^T, in the layouts of the blocks."""
    largest, xp = 0.0, backend.xp
    for seed, (m, n, u) in enumerate(workload.blocks):
        rng = np.random.default_rng(seed)
        x, dy, W = (
            rng.standard_normal(shape, dtype=np.float32) for shape in ((m, n), (m, u), (n, u))
        )
        device = {name: backend.asarray(a) for name, a in (("x", x), ("dy", dy), ("W", W))}
        for left, right, a, b in (
            (device["x"], device["W"], x, W),
            (device["x"].T, device["dy"], x.T, dy),
            (device["dy"], device["W"].T, dy, W.T),
        ):
            out = xp.empty((a.shape[0], b.shape[1]), dtype=np.float32)
            xp.matmul(left, right, out=out)
            largest = max(largest, product_error(backend.to_host(out), a, b))
    return largest


def _logits(rows: int) -> Iterator[Array]:
    """Logits (rows, 1) of magnitude up to 80; beyond 87, e^-|a| is denormal, and 0 on a GPU."""
    for seed, scale in enumerate(SCALES):
        a = scale * np.random.default_rng(seed).standard_normal((rows, 1))
        yield a.clip(-80, 80).astype(np.float32)


def _softplus(a: Array) -> Array:
    softplus: Array = np.logaddexp(0, a.astype(np.float64))
    return softplus


def _scalar(backend: Backend, loss: Array) -> Array:
    return np.asarray(backend.to_host(loss)).reshape(())


def _minibatches(workload: GPUWorkload) -> Iterator[Minibatches]:
    for N, n, m in workload.draws:
        for white, order, prior in (
            (255, "independent", noise.uniform),
            (16, "epochs", noise.gaussian),
        ):
            pixels = np.random.default_rng(N).integers(0, white + 1, (N, n), dtype=np.uint8)
            images = Images(pixels, np.zeros(N, np.uint8), white, 1, n)
            sizes = [(n + i, keep) for i, keep in enumerate(KEEP)]
            yield Minibatches(SEED, images, m, order, prior, n + 4, sizes)


def _data(draws: Draws, step: int) -> list[Array]:
    return [draws.data(step)]


def _noise(draws: Draws, step: int) -> list[Array]:
    return [draws.noise("D", step), draws.noise("G", step)]


def _masks(draws: Draws, step: int) -> list[Array]:
    return [*draws.masks("D", step, 8), *draws.masks("G", step, 3)]


PRODUCT_TOLERANCE = 1e-6
PRODUCT_METRIC = "in sums of absolute terms, float64"
# EXP_TOLERANCE, as for blocks: expf, log1pf and the roundings after them; the mean is in float64.
CHECKS = (
    Check("V with its gradient", value_difference, EXP_TOLERANCE, RELATIVE),
    *(
        Check(f"G's loss with its gradient, {name}", loss_difference(name), EXP_TOLERANCE, RELATIVE)
        for name in (one.name for one in objectives.PAPER)
    ),
    Check("descent", descent_difference, 0.0, EXACT),
    Check("minibatches", draws_difference(_data), 0.0, EXACT),
    Check("noise", draws_difference(_noise), 0.0, EXACT),
    Check("masks", draws_difference(_masks), 0.0, EXACT),
    Check("products of cuBLAS", products_difference, PRODUCT_TOLERANCE, PRODUCT_METRIC),
)
