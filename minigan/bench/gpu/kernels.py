"""The other kernels of a GPU beside the CPU: objectives, descent, draws; and cuBLAS's products.

    V, loss, gradient     against float64: they rest on exp and log1p
    descent, draws, rows  the CPU's numbers, none different
    products              against float64, in units of what was added up

A product in 32 bits is off by less than 1e-6 of |x| |W|; one whose factors were rounded to 11 bits
(TF32) by ten times the error allowed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from minigan import objectives
from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend
from minigan.bench.gpu.blocks import sigma
from minigan.bench.gpu.check import Check, apart, of_terms, relative_error
from minigan.bench.gpu.workload import GPUWorkload
from minigan.data.images import Images
from minigan.draws import noise
from minigan.draws.minibatches import Draws, Minibatches
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

SEED, STEPS = 2**64 - 3, (0, 1, 999, 2**40)
KEEP = (0.8, 0.5, 1.0)
SCALES = (0.1, 3.0, 40.0)  # of the logits


def value_apart(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """V and its gradient, at logits near 0 and far out."""
    worst, of = 0.0, backend.objective(objectives.minimax, backend.check())
    for m in workload.rows:
        for a in _logits(2 * m):
            for weight in (1.0, 0.5):
                out = backend.xp.empty(a.shape, dtype=np.float32)
                V = _one(backend, of.value_with_gradient(backend.asarray(a), weight, out=out))
                wanted = -(_softplus(-a[:m]) + _softplus(a[m:])).mean()
                slope = np.concatenate([sigma(-a[:m]), -sigma(a[m:])]) * weight / m
                worst = max(
                    worst, relative_error(V, wanted), relative_error(backend.to_host(out), slope)
                )
    return worst


def loss_apart(name: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """The loss of an objective of G and its gradient, at logits near 0 and far out."""
    objective, sign = objectives.OBJECTIVES[name], 1.0 if name == "minimax" else -1.0

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        worst, of = 0.0, backend.objective(objective, backend.check())
        for m in workload.rows:
            for a in _logits(m):
                out = backend.xp.empty(a.shape, dtype=np.float32)
                found = of.loss_with_gradient(backend.asarray(a), out=out)
                loss = relative_error(_one(backend, found), -sign * _softplus(sign * a).mean())
                slope = relative_error(backend.to_host(out), -sigma(sign * a) / m)
                worst = max(worst, loss, slope)
        return worst

    return measure


def descent_apart(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """theta and v after one update."""
    worst = 0.0
    for size in workload.vectors:
        theta, g, v = np.random.default_rng(size).standard_normal((3, size)).astype(np.float32)
        for eta, mu in ((0.1, 0.5), (-1e-6, 0.7), (3.0, 0.0)):
            moved = []
            for place in (backend, NumPyBackend()):
                its_theta, its_g = (
                    Parameters({"theta": (size,)}, place.asarray(x.copy())) for x in (theta, g)
                )
                momentum = Momentum(its_theta, Constant(eta), Constant(mu))
                momentum.v[...] = place.asarray(v)
                optimizer = backend.optimizer(momentum) if place is backend else momentum
                optimizer.descend(its_g)
                moved.append((its_theta.vector, optimizer.state()["v"]))
            ours = [backend.to_host(x) for x in moved[0]]
            worst = max(worst, *map(apart, ours, moved[1]))
    return worst


def draws_apart(
    ask: Callable[[Draws, int], list[Array]],
) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """Draws of the device beside those of the host: whatever `ask` asks of them at a step."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        worst = 0.0
        for host in _sources(workload):
            device = backend.draws(host)
            for step in STEPS:
                ours = [backend.to_host(x) for x in ask(device, step)]
                theirs = ask(host, step)
                if len(ours) != len(theirs):
                    return np.inf
                worst = max(worst, *map(apart, ours, theirs))
        return worst

    return measure


def products_apart(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """x W, x^T dy and dy W^T as the blocks ask for them."""
    worst, xp = 0.0, backend.xp
    for seed, (m, n, u) in enumerate(workload.blocks):
        rng = np.random.default_rng(seed)
        x, dy, W = (
            rng.standard_normal(shape, dtype=np.float32) for shape in ((m, n), (m, u), (n, u))
        )
        there = {name: backend.asarray(a) for name, a in (("x", x), ("dy", dy), ("W", W))}
        for left, right, a, b in (
            (there["x"], there["W"], x, W),
            (there["x"].T, there["dy"], x.T, dy),
            (there["dy"], there["W"].T, dy, W.T),
        ):
            out = xp.empty((a.shape[0], b.shape[1]), dtype=np.float32)
            xp.matmul(left, right, out=out)
            worst = max(worst, of_terms(backend.to_host(out), a, b))
    return worst


def _logits(rows: int) -> Iterator[Array]:
    """(rows, 1): up to 80, beyond which e^-|a| is among the numbers that count as 0 on a GPU."""
    for seed, scale in enumerate(SCALES):
        a = scale * np.random.default_rng(seed).standard_normal((rows, 1))
        yield a.clip(-80, 80).astype(np.float32)


def _softplus(a: Array) -> Array:
    softplus: Array = np.logaddexp(0, a.astype(np.float64))
    return softplus


def _one(backend: Backend, loss: Array) -> Array:
    return np.asarray(backend.to_host(loss)).reshape(())


def _sources(workload: GPUWorkload) -> Iterator[Minibatches]:
    for N, n, m in workload.pictures:
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


OF_EXP = 1e-6  # as in blocks: expf, log1pf and the roundings after them; a mean in float64
OF_PRODUCTS = 1e-6
EQUAL = "largest difference from the CPU"
CHECKS = (
    Check("V with its gradient", value_apart, OF_EXP, "relative, float64"),
    *(
        Check(f"G's loss with its gradient, {name}", loss_apart(name), OF_EXP, "relative, float64")
        for name in objectives.OBJECTIVES
    ),
    Check("descent", descent_apart, 0.0, EQUAL),
    Check("minibatches", draws_apart(_data), 0.0, EQUAL),
    Check("noise", draws_apart(_noise), 0.0, EQUAL),
    Check("masks", draws_apart(_masks), 0.0, EQUAL),
    Check("products of cuBLAS", products_apart, OF_PRODUCTS, "in sums of absolute terms, float64"),
)
