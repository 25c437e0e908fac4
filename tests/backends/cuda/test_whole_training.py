"""Training through backend, launcher and kernels without a GPU: its results and its launches.

The recipe has small versions of the paper's networks: maxout and dropout in D, rectifiers and a
sigmoid in G. docs/backends.md explains the launches of an iteration.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
import tiny
from softgpu import standin

from minigan import algorithm_1
from minigan.backends.cuda.deferred import DeferredCheck, DeferredNotFiniteError
from minigan.backends.cuda.fused import FusedBackend
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.parameters import Parameters
from minigan.training import recipes, sampler, trainer
from minigan.training.building import game_of
from minigan.training.experiment import Experiment
from minigan.training.recorder import Reporting
from minigan.training.runs.directory import RunDirectory
from minigan.training.stopping import TrainingStopped

pytestmark = pytest.mark.cupy

UPDATE_ORDERS = {
    "algorithm1": {"training__schedule": "algorithm1", "training__k": 1},
    "two steps on D": {"training__schedule": "algorithm1", "training__k": 2},
    "simultaneous": {
        "training__schedule": "simultaneous",
        "training__k": 1,
        "discriminator__weight_of_V": 0.5,
    },
    "minimax, epochs": {
        "training__schedule": "simultaneous",
        "training__k": 1,
        "generator__objective": "minimax",
        "data__order": "epochs",
    },
}
NOTHING = ("allocation", "to_device", "to_host", "synchronisation", "hidden_copy")

DRAWS = ["uniform_noise", "gather", "masks"]
FORWARD_G = ["product", "bias_relu", "product", "bias_relu", "product", "bias_sigmoid"]
FORWARD_D = ["dropout", "product", "bias_maxout", "product", "bias_maxout", "logit"]
GRADIENT_OF_D = [
    *("value_with_gradient", "logit_backward"),
    *("maxout_backward", "product", "product", "maxout_backward", "product"),
]
GRADIENT_OF_G = [
    *("loss_with_gradient", "logit_backward"),
    *("maxout_backward", "product", "maxout_backward", "product", "dropout"),
    *("sigmoid_backward", "product", "product"),
    *("relu_backward", "product", "product", "relu_backward", "product"),
]
LAUNCHES = {
    "algorithm1": [
        *(*DRAWS, *FORWARD_G, *FORWARD_D, *GRADIENT_OF_D, "descend"),
        *("uniform_noise", "masks", *FORWARD_G, *FORWARD_D, *GRADIENT_OF_G, "descend"),
    ],
    "simultaneous": [
        *(*DRAWS, *FORWARD_G, *FORWARD_D, *GRADIENT_OF_D, *GRADIENT_OF_G, "descend", "descend"),
    ],
}


@pytest.fixture
def cupy(monkeypatch):
    cupy = standin.CuPy()
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    return cupy


def on_device(cupy, **changes):
    return Experiment.begin(tiny.recipe(**changes), 1, FusedBackend(cupy))


class Widened:
    """The draws of a game, as float64."""

    def __init__(self, draws):
        self.draws = draws

    def data(self, step, *, out=None):
        return self.draws.data(step).astype(np.float64)

    def noise(self, player, step):
        return self.draws.noise(player, step).astype(np.float64)

    def masks(self, player, step, rows):
        return self.draws.masks(player, step, rows)


def in_float64(on_cpu):
    """The same game in float64."""
    game = on_cpu.game
    theta = [
        Parameters(player.theta.shapes, player.theta.vector.astype(np.float64))
        for player in (game.player_g, game.player_d)
    ]
    N = len(on_cpu.data.train)
    return game_of(on_cpu.recipe, (game.G, game.D), (theta[0], theta[1]), Widened(game.draws), N)


@pytest.mark.parametrize("changes", UPDATE_ORDERS.values(), ids=UPDATE_ORDERS)
def test_ten_iterations_are_those_of_numpy_and_of_float64(cupy, changes):
    device, on_cpu = on_device(cupy, **changes), tiny.experiment(**changes)
    reference = in_float64(on_cpu)
    iterate = algorithm_1.UPDATE_ORDERS[on_cpu.recipe.training.schedule]
    for t in range(10):
        actual, expected = device.iterate(t), on_cpu.iterate(t)
        iterate(reference, t)
        for a, b in zip(actual, expected, strict=True):
            np.testing.assert_allclose(cupy.asnumpy(a), b, rtol=0, atol=1e-6)
    state, cpu_state = device.state(), on_cpu.state()
    for name in ("theta_g", "theta_d", "v_g", "v_d"):
        largest = abs(cpu_state[name]).max()
        atol = min(1e-6, 1e-4 * largest)
        np.testing.assert_allclose(state[name], cpu_state[name], rtol=0, atol=atol, err_msg=name)
    for player, name in ((reference.player_g, "theta_g"), (reference.player_d, "theta_d")):
        np.testing.assert_allclose(state[name], player.theta.vector, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(state["updates"], cpu_state["updates"])
    device.game.check.flush()


@pytest.mark.parametrize(
    "changes",
    [tiny.CONDITIONAL, tiny.COMPLETING, tiny.NOISY, tiny.LAZY],
    ids=["conditional", "completing", "noisy", "lazy"],
)
def test_a_game_on_longer_rows_or_with_margins_has_the_numbers_of_numpy(cupy, changes):
    """Parallel layers and margins have no kernel: they run as they are, on arrays of the device."""
    device, on_cpu = on_device(cupy, **changes), tiny.experiment(**changes)
    for t in range(2):
        for a, b in zip(device.iterate(t), on_cpu.iterate(t), strict=True):
            np.testing.assert_allclose(cupy.asnumpy(a), b, rtol=0, atol=1e-6)
    np.testing.assert_allclose(device.samples(10), on_cpu.samples(10), rtol=0, atol=1e-6)
    device.game.check.flush()


@pytest.mark.parametrize("name", LAUNCHES)
def test_an_iteration_has_these_launches_and_waits_for_nothing(cupy, name):
    device = on_device(cupy, **UPDATE_ORDERS[name])
    device.iterate(0)
    for t in range(1, 4):
        with cupy.ledger.stretch() as stretch:
            device.iterate(t)
        assert stretch.launches == LAUNCHES[name]
        assert {kind: stretch.count(kind) for kind in NOTHING} == dict.fromkeys(NOTHING, 0)


def test_the_launches_of_the_papers_networks_are_counted():
    assert {name: len(launches) for name, launches in LAUNCHES.items()} == {
        "algorithm1": 53,
        "simultaneous": 39,
    }


@pytest.mark.parametrize("changes", UPDATE_ORDERS.values(), ids=UPDATE_ORDERS)
def test_two_trainings_end_in_the_same_bits(cupy, changes):
    ends = []
    for _ in range(2):
        device = on_device(cupy, **changes)
        for t in range(2):  # the second one also depends on the velocities of the first
            device.iterate(t)
        ends.append(device.state())
    for name, array in ends[0].items():
        np.testing.assert_array_equal(array, ends[1][name])


def test_an_average_of_theta_g_is_computed_on_the_device(cupy):
    changes = {"generator__average_keep": 0.5, "generator__average_every": 2}
    device, on_cpu = on_device(cupy, **changes), tiny.experiment(**changes)
    for t in range(6):
        device.iterate(t), on_cpu.iterate(t)
    state, cpu_state = device.state(), on_cpu.state()
    np.testing.assert_allclose(state["average_g"], cpu_state["average_g"], rtol=0, atol=1e-6)


def test_samples_are_those_of_the_cpu(cupy):
    device, on_cpu = on_device(cupy), tiny.experiment()
    np.testing.assert_allclose(device.samples(7), on_cpu.samples(7), rtol=1e-6)


def test_every_block_of_samples_is_computed_by_the_kernels(cupy, monkeypatch):
    monkeypatch.setattr(sampler, "ROWS_AT_A_TIME", 4)
    device = on_device(cupy)
    with cupy.ledger.stretch() as stretch:
        device.samples(6)
    assert stretch.launches == 2 * FORWARD_G


def test_a_number_that_is_not_finite_is_detected_when_the_losses_are_examined(cupy):
    device = on_device(cupy)
    device.iterate(0)
    device.game.player_d.theta.vector[...] = np.nan
    device.iterate(1)
    with pytest.raises(DeferredNotFiniteError, match=r"^V was nan, 2 losses ago$"):
        device.game.check.flush()


def trained(tmp_path, cupy, monkeypatch, device, **changes):
    opened = {"cpu": NumPyBackend, "cuda": lambda: on_device(cupy).backend}
    monkeypatch.setattr(trainer, "open_backend", lambda name, _: opened[name]())
    out = tmp_path / f"run-{device}"
    tmp_path.mkdir(exist_ok=True)
    trainer.train(tiny.recipe(**changes), 1, device, out, reporting=Reporting(quiet=True))
    return out


@pytest.mark.parametrize(("first", "second"), [("cuda", "cpu"), ("cpu", "cuda")])
def test_a_run_is_resumed_on_another_device(cupy, tmp_path, monkeypatch, first, second):
    cpu_run = trained(tmp_path / "cpu", cupy, monkeypatch, "cpu", training__iterations=6)
    resumed = trained(tmp_path, cupy, monkeypatch, first, training__iterations=3)
    trainer.resume(resumed, 6, second, reporting=Reporting(quiet=True))
    ends = [RunDirectory.open(path).load_checkpoint() for path in (resumed, cpu_run)]
    for name in ("theta_g", "theta_d", "v_g", "v_d"):
        np.testing.assert_allclose(ends[0][name], ends[1][name], rtol=0, atol=1e-6)
    trainer.resume(resumed, 7, reporting=Reporting(quiet=True))  # on its last device
    facts = RunDirectory.open(resumed).read_environment()
    devices = [str(fact["device"]).split()[0] for fact in (facts, *facts["resumed"])]
    assert devices == [first, second, second]


def test_losses_that_fill_the_buffer_in_an_iteration_stop_the_run_after_it(
    cupy, tmp_path, monkeypatch
):
    monkeypatch.setattr(DeferredCheck, "slots", 4)
    iterate = Experiment.iterate

    def with_nan(self, t):
        if t == 1:
            self.game.player_d.theta.vector[...] = np.nan
        return iterate(self, t)

    monkeypatch.setattr(Experiment, "iterate", with_nan)
    with pytest.raises(TrainingStopped, match=r"^training stopped after iteration 2: V was"):
        trained(tmp_path, cupy, monkeypatch, "cuda", training__k=1, log__every=6, log__save_every=6)


@pytest.mark.parametrize(("name", "launches"), [("algorithm1", 219), ("simultaneous", 187)])
def test_the_generic_code_needs_many_more_launches(cupy, name, launches):
    generic = Experiment.begin(tiny.recipe(**UPDATE_ORDERS[name]), 1, CuPyBackend(cupy))
    generic.iterate(0)
    with cupy.ledger.stretch() as stretch:
        generic.iterate(1)
    assert len(stretch.launches) == launches
    assert stretch.count("synchronisation") == 4
    assert 50 <= stretch.count("allocation") <= 60


@pytest.mark.parametrize(("penalty", "launches", "copies"), [("R1R2", 93, 0), ("WGANGP", 121, 1)])
def test_a_penalty_and_a_limit_of_theta_d_have_numpys_numbers(cupy, penalty, launches, copies):
    changes = UPDATE_ORDERS["algorithm1"] | {
        "discriminator__penalty": penalty,
        "discriminator__penalty_weight": 0.3,
        "discriminator__clip": 0.25,
    }
    device, on_cpu = on_device(cupy, **changes), tiny.experiment(**changes)
    for t in range(3):
        with cupy.ledger.stretch() as stretch:
            device.iterate(t)
        on_cpu.iterate(t)
        np.testing.assert_allclose(float(device.game.P), float(on_cpu.game.P), rtol=1e-5)
    assert len(stretch.launches) == launches  # an iteration without both has 53
    assert (stretch.count("to_device"), stretch.count("synchronisation")) == (copies, 0)
    state, cpu_state = device.state(), on_cpu.state()
    for name in ("theta_g", "theta_d", "v_g", "v_d"):
        np.testing.assert_allclose(state[name], cpu_state[name], rtol=0, atol=1e-7)


@pytest.mark.parametrize(("order", "launches"), [("algorithm1", 140), ("simultaneous", 125)])
def test_relativistic_pairs_have_the_numbers_of_numpy(cupy, order, launches):
    changes = UPDATE_ORDERS[order] | {
        "generator__objective": "relativistic",
        "discriminator__penalty": "R1R2",
        "discriminator__penalty_weight": 0.3,
    }
    device, on_cpu = on_device(cupy, **changes), tiny.experiment(**changes)
    for t in range(3):
        with cupy.ledger.stretch() as stretch:
            actual = device.iterate(t)
        for a, b in zip(actual, on_cpu.iterate(t), strict=True):
            np.testing.assert_allclose(cupy.asnumpy(a), b, rtol=0, atol=1e-6)
    assert len(stretch.launches) == launches
    assert (stretch.count("to_device"), stretch.count("synchronisation")) == (0, 0)
    state, cpu_state = device.state(), on_cpu.state()
    for name in ("theta_g", "theta_d", "v_g", "v_d"):
        np.testing.assert_allclose(state[name], cpu_state[name], rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("penalty", "launches"),
    [([], 123), (["penalty='R1'", "penalty_weight=0.3"], 215)],
    ids=["", "R1"],
)
def test_the_layers_for_images_are_trained(cupy, penalty, launches):
    """The recipe digits-conv with small minibatches: nothing is copied to the host in secret."""
    changes = ["training.m=5", *(f"discriminator.{change}" for change in penalty)]
    recipe = recipes.load("digits-conv", changes)
    device, on_cpu = (
        Experiment.begin(recipe, 1, one) for one in (FusedBackend(cupy), NumPyBackend())
    )
    for t in range(2):
        with cupy.ledger.stretch() as stretch:
            actual = device.iterate(t)
        for a, b in zip(actual, on_cpu.iterate(t), strict=True):
            np.testing.assert_allclose(cupy.asnumpy(a), b, rtol=0, atol=1e-6)
    assert len(stretch.launches) == launches  # 276 by generic code alone, without a penalty
    assert stretch.count("synchronisation") == 0
    state, cpu_state = device.state(), on_cpu.state()
    for name in ("theta_g", "theta_d", "v_g", "v_d"):
        np.testing.assert_allclose(state[name], cpu_state[name], rtol=0, atol=1e-6, err_msg=name)


def test_no_checkpoint_is_written_of_numbers_that_were_not_examined(cupy, tmp_path, monkeypatch):
    iterate = Experiment.iterate

    def with_nan(self, t):
        if t == 4:
            self.game.player_g.theta.vector[...] = np.nan
        return iterate(self, t)

    monkeypatch.setattr(Experiment, "iterate", with_nan)
    with pytest.raises(TrainingStopped, match=r"^training stopped after iteration 6: V was"):
        trained(tmp_path, cupy, monkeypatch, "cuda", log__every=6)
    saved = RunDirectory.open(tmp_path / "run-cuda").load_checkpoint()
    assert saved["iteration"] == 3
    assert np.isfinite(saved["theta_g"]).all()
