"""Whole iterations on a GPU beside the CPU and beside float64, and a run that changes the device.

    distance = |theta - other| / |other - theta before|            (minigan.bench.checks)

of one player, the larger of the two. A wrong step is a distance of order 1. Rounding alone decides
near ties of maxout and of rectifiers, which moves a row of one unit: that is why one of three sets
of draws must agree, and why 1e-3 is allowed. The paper's networks have a million of such ties to
decide in ten iterations, and float32 and float64 part there even on one machine; so they play
three, and small networks ten.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.bench import checks
from minigan.bench.gpu.check import Check
from minigan.bench.gpu.games import Setting, game_on, setting, thetas
from minigan.bench.gpu.workload import GPUWorkload
from minigan.bench.reference import Reference
from minigan.training import recipes, trainer
from minigan.training.recipes import Recipe
from minigan.training.recorder import Reporting
from minigan.training.runs.directory import RunDirectory

TEN = 10
DRAWS = (1, 2, 3)


def iterations_apart(
    schedule: str, iterations: int, *, generic: bool = False
) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """So many iterations against float64 and NumPy; `generic` plays without the kernels."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        by = CuPyBackend(backend.xp, backend.device) if generic else backend
        size = workload.played if iterations == checks.ITERATIONS else workload.small
        smallest = float("inf")
        for seed in DRAWS:
            smallest = min(smallest, _iterations(by, setting(schedule, *size), iterations, seed))
            if smallest <= checks.TOLERANCE:
                break
        return smallest

    return measure


def _iterations(backend: CuPyBackend, of: Setting, iterations: int, seed: int) -> float:
    schedule = of.recipe.training.schedule
    device, cpu = (game_on(by, of, seed, checks.AMPLIFIED) for by in (backend, NumPyBackend()))
    reference, before = Reference(cpu), thetas(cpu, NumPyBackend())
    for t in range(iterations):
        reference.iterate(schedule, t)
        UPDATE_ORDERS[schedule](cpu, t)
        UPDATE_ORDERS[schedule](device, t)
    device.check.flush()
    ours, theirs = thetas(device, backend), (thetas(cpu, NumPyBackend()), reference.vectors())
    return max(_distance(ours, wanted, before) for wanted in theirs)


def resumed_apart(first: str, then: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A run of the digits that goes on on another device, beside one that stayed on the CPU."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        recipe = _digits(workload)
        end = recipe.training.iterations
        half = replace(recipe, training=replace(recipe.training, iterations=end // 2))
        device = {"cpu": "cpu", "cuda": f"cuda:{backend.device}"}
        quiet = Reporting(quiet=True)
        with tempfile.TemporaryDirectory(prefix="minigan-gpu-") as folder:
            straight, moved = Path(folder) / "straight", Path(folder) / "moved"
            trainer.train(recipe, 1, "cpu", straight, reporting=quiet)
            trainer.train(half, 1, device[first], moved, reporting=quiet)
            begun = _thetas_of(moved)
            with contextlib.redirect_stderr(io.StringIO()):  # that the device has changed is told
                trainer.resume(moved, end, device[then], reporting=quiet)
            return _distance(_thetas_of(moved), _thetas_of(straight), begun)

    return measure


def _digits(workload: GPUWorkload) -> Recipe:
    units, m, iterations = workload.digits
    recipe = recipes.load("digits")
    return replace(
        recipe,
        generator=replace(recipe.generator, hidden=(units, units)),
        discriminator=replace(recipe.discriminator, units=(units, units)),
        training=replace(recipe.training, m=m, iterations=iterations),
    )


def _thetas_of(run: Path) -> tuple[Array, Array]:
    state = RunDirectory.open(run).load_checkpoint()
    return state["theta_g"], state["theta_d"]


def _distance(
    theta: tuple[Array, Array], wanted: tuple[Array, Array], before: tuple[Array, Array]
) -> float:
    return max(checks.distance(*player) for player in zip(theta, wanted, before, strict=True))


TOLD = "distance from NumPy and float64"
LENGTHS = {checks.ITERATIONS: "the paper's networks", TEN: "small networks"}
CHECKS = (
    *(
        Check(
            f"{count} iterations of {what}, {schedule}{', generic code' if generic else ''}",
            iterations_apart(schedule, count, generic=generic),
            checks.TOLERANCE,
            TOLD,
        )
        for count, what in LENGTHS.items()
        for generic in (False, True)
        for schedule in UPDATE_ORDERS
    ),
    Check("a run goes on on the CPU", resumed_apart("cuda", "cpu"), checks.TOLERANCE, TOLD),
    Check("a run goes on on the GPU", resumed_apart("cpu", "cuda"), checks.TOLERANCE, TOLD),
)
