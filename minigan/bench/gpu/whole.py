"""Checks of whole iterations on a GPU, and of a run that is resumed on another device.

    distance = |theta - expected| / |expected - theta before|            (minigan.bench.checks)

The expected theta is that of NumPy, and that of float64; the largest distance of the two players
counts. A wrong step has a distance of order 1. Rounding decides near ties of maxout and of
rectifiers, which changes a row of one unit. Therefore 1e-3 is allowed, and one of three sets of
draws must agree. In ten iterations of the paper's networks there are a million near ties, so that
float32 and float64 differ even on one machine. So the paper's networks run three iterations, and
small networks ten.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.bench import checks
from minigan.bench.gpu.check import Check
from minigan.bench.gpu.games import GameSetup, game_on, game_setup, host_thetas
from minigan.bench.gpu.workload import GPUWorkload
from minigan.bench.reference import Reference
from minigan.training import recipes, trainer
from minigan.training.recipes import Recipe
from minigan.training.recorder import Reporting
from minigan.training.runs.directory import RunDirectory

TEN = 10
DRAWS = (1, 2, 3)


def iterations_difference(
    schedule: str, iterations: int, *, generic: bool = False
) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the distance from float64 and NumPy after some iterations.

    generic    without the kernels

    The result is the smallest distance of at most three sets of draws.
    """

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        device = CuPyBackend(backend.xp, backend.device) if generic else backend
        size = workload.paper if iterations == checks.ITERATIONS else workload.small
        setup, smallest = game_setup(schedule, *size), float("inf")
        for seed in DRAWS:
            smallest = min(smallest, _distance_after(device, setup, iterations, seed))
            if smallest <= checks.TOLERANCE:
                break
        return smallest

    return measure


def _distance_after(backend: CuPyBackend, setup: GameSetup, iterations: int, seed: int) -> float:
    schedule = setup.recipe.training.schedule
    device, cpu = (game_on(one, setup, seed, checks.AMPLIFIED) for one in (backend, NumPyBackend()))
    reference, before = Reference(cpu), host_thetas(cpu, NumPyBackend())
    for t in range(iterations):
        reference.iterate(schedule, t)
        UPDATE_ORDERS[schedule](cpu, t)
        UPDATE_ORDERS[schedule](device, t)
    device.check.flush()
    theta = host_thetas(device, backend)
    expected = (host_thetas(cpu, NumPyBackend()), reference.vectors())
    return max(_distance(theta, one, before) for one in expected)


def resumed_difference(first: str, second: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the distance between a resumed run and a run on the CPU.

    Both train the digits. The resumed run starts on the device `first` and ends on `second`.
    """

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        recipe = _digits(workload)
        end = recipe.training.iterations
        half = replace(recipe, training=replace(recipe.training, iterations=end // 2))
        device = {"cpu": "cpu", "cuda": f"cuda:{backend.device}"}
        quiet = Reporting(quiet=True)
        with tempfile.TemporaryDirectory(prefix="minigan-gpu-") as folder:
            cpu_run, resumed_run = Path(folder) / "cpu", Path(folder) / "resumed"
            trainer.train(recipe, 1, "cpu", cpu_run, reporting=quiet)
            trainer.train(half, 1, device[first], resumed_run, reporting=quiet)
            before = _saved_thetas(resumed_run)
            with contextlib.redirect_stderr(io.StringIO()):  # `resume` warns of the other device
                trainer.resume(resumed_run, end, device[second], reporting=quiet)
            return _distance(_saved_thetas(resumed_run), _saved_thetas(cpu_run), before)

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


def _saved_thetas(run: Path) -> tuple[Array, Array]:
    state = RunDirectory.open(run).load_checkpoint()
    return state["theta_g"], state["theta_d"]


def _distance(
    theta: tuple[Array, Array], expected: tuple[Array, Array], before: tuple[Array, Array]
) -> float:
    return max(checks.distance(*player) for player in zip(theta, expected, before, strict=True))


METRIC = "distance from NumPy and float64"
LENGTHS = {checks.ITERATIONS: "the paper's networks", TEN: "small networks"}
CHECKS = (
    *(
        Check(
            f"{count} iterations of {what}, {schedule}{', generic code' if generic else ''}",
            iterations_difference(schedule, count, generic=generic),
            checks.TOLERANCE,
            METRIC,
        )
        for count, what in LENGTHS.items()
        for generic in (False, True)
        for schedule in UPDATE_ORDERS
    ),
    Check("a run resumed on the CPU", resumed_difference("cuda", "cpu"), checks.TOLERANCE, METRIC),
    Check("a run resumed on the GPU", resumed_difference("cpu", "cuda"), checks.TOLERANCE, METRIC),
)
