"""Custom parts: trained, logged, saved and resumed; refused where they differ from the run's."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import tiny
from runs_of import QUIET, dumped, log_of

from minigan import cli, draws
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.layers import Layer, Linear, Sigmoid
from minigan.network import Network
from minigan.objectives import Equilibrium, Objective
from minigan.optimizers import Momentum
from minigan.reports import html
from minigan.reports.html import history
from minigan.schedules import Constant
from minigan.training import load_sampler, resume, sampling, train
from minigan.training.experiment import Experiment
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.runs import checkpoint


@dataclass(frozen=True)
class Tanh(Layer):
    """y = tanh(x)."""

    def forward(self, theta, trace):
        return np.tanh(trace.x, out=trace.y)

    def backward_input(self, theta, trace, dy):
        return np.multiply(dy, 1 - trace.y**2, out=trace.dx)


class TwoVectors:
    """An optimizer whose state is two vectors."""

    def __init__(self, theta, rate=0.01):
        self.theta, self.rate, self.updates = theta, rate, 0
        self.near, self.far = (np.zeros_like(theta.vector) for _ in range(2))

    def state(self):
        return {"near": self.near, "far": self.far}

    def hyperparameters(self, t):
        return {"rate": self.rate, "half": self.rate / 2}

    def descend(self, g):
        self.update(g.vector, -1)

    def ascend(self, g):
        self.update(g.vector, 1)

    def update(self, g, sign):
        self.near *= 0.5
        self.near += g
        self.far *= 0.9
        self.far += g
        self.theta.vector += sign * self.rate * (self.near + self.far / 10)
        self.theta.changed()
        self.updates += 1


def value(a_real, a_fake):
    return a_real.mean() - a_fake.mean()


def value_gradient(a_real, a_fake, *, out=None):
    real, fake = (np.empty_like(a_real), np.empty_like(a_fake)) if out is None else out
    real[...], fake[...] = 1 / len(a_real), -1 / len(a_fake)
    return real, fake


def loss_gradient(a_fake, *, out=None):
    da = np.empty_like(a_fake) if out is None else out
    da[...] = -1 / len(a_fake)
    return da


LINEAR = Objective(
    name="linear",
    value=value,
    value_gradient=value_gradient,
    loss=lambda a: -a.mean(),
    loss_gradient=loss_gradient,
    D=lambda a: 2 * a,
    equilibrium=Equilibrium(V=0.0, loss_g=0.25, D=7.0),
    unit="bits",
)


def laplace(rng, m, size):
    return rng.laplace(size=(m, size)).astype(np.float32)


@dataclass(frozen=True)
class Rows:
    """Custom examples: the rows of an array."""

    numbers: np.ndarray

    @property
    def shape(self):
        return self.numbers.shape[1:]

    def __len__(self):
        return len(self.numbers)

    def gather(self, indices, *, out=None):
        return np.take(self.numbers, indices, axis=0, out=out)

    def all(self):
        return self.numbers.copy()


X = np.random.default_rng(5).standard_normal((60, 4)).astype(np.float32)
DATA = DataSet("rows", Rows(X[:40]), Rows(X[40:50]), Rows(X[50:]))
G = Network(3, (Linear(5, 0.5), Tanh(), Linear(4, 0.5)))
D = Network(4, (Linear(6, 0.5), Tanh(), Linear(1, 0.5)))
EVERY = Parts(G, D, LINEAR, partial(TwoVectors, rate=0.02), laplace, DATA)
DIGITS_G = Network(3, (Linear(5, 0.5), Tanh(), Linear(64, 0.5), Sigmoid()))


def run(folder, iterations=6, parts=EVERY, **changes):
    recipe = tiny.recipe(training__iterations=iterations, **changes)
    train(recipe, 1, out=folder, reporting=replace(QUIET, csv=True), parts=parts)
    return folder


@pytest.mark.parametrize(
    "changes", [{}, {"generator__average_keep": 0.5, "generator__average_every": 2}]
)
def test_a_resumed_run_equals_the_run_without_a_stop(tmp_path, changes):
    straight, resumed = run(tmp_path / "a", **changes), run(tmp_path / "b", 3, **changes)
    resume(resumed, 6, reporting=QUIET, parts=EVERY)
    assert dumped(straight).keys() == dumped(resumed).keys()
    for name, data in dumped(straight).items():
        assert data == dumped(resumed)[name] or name == "recipe.toml", name


def test_the_checkpoint_has_every_vector_of_the_optimizer_by_its_name(tmp_path):
    saved = checkpoint.load(run(tmp_path / "run") / "checkpoint.npz")
    expected = Experiment.begin(tiny.recipe(), 1, tiny.experiment().backend, parts=EVERY)
    for t in range(6):
        expected.iterate(t)
    for player, optimizer in (("g", expected.game.player_g), ("d", expected.game.player_d)):
        for name in ("near", "far"):
            np.testing.assert_array_equal(saved[f"{name}_{player}"], getattr(optimizer, name))
        np.testing.assert_array_equal(saved[f"theta_{player}"], optimizer.theta.vector)
    assert not {"v_g", "v_d"} & saved.keys()


def test_the_log_has_the_values_of_the_custom_objective_and_optimizer(tmp_path):
    folder = run(tmp_path / "run")
    same = Experiment.begin(tiny.recipe(), 1, tiny.experiment().backend, parts=EVERY)
    logits = [same.iterate(t) for t in range(2)][-1]
    line = log_of(folder)[0]
    assert line["iteration"] == 2
    assert line["V"] == pytest.approx(logits.real.mean() - logits.fake.mean(), rel=1e-6)
    assert line["D_x"] == pytest.approx(2 * logits.real.mean(), rel=1e-6)
    assert line["loss_g"] == pytest.approx(-logits.sample.mean(), rel=1e-6)
    assert (line["rate"], line["half"]) == (0.02, 0.01)
    assert "eta" not in line
    header = (folder / "log.csv").read_text().splitlines()[0]
    assert header.startswith("iteration,seconds,V,loss_g,D_x,D_Gz,rate,half,")


def test_the_environment_records_the_parts_and_the_equilibrium(tmp_path):
    facts = json.loads((run(tmp_path / "run") / "environment.json").read_text())
    assert facts["parts"] == {
        "G": repr(G),
        "D": repr(D),
        "objective": "linear",
        "optimizer": f"{__name__}.TwoVectors(rate=0.02)",
        "prior": f"{__name__}.laplace",
        "data": "rows",
    }
    assert facts["objective"] == {
        "unit": "bits",
        "equilibrium": {"V": 0.0, "loss_g": 0.25, "D": 7.0},
    }
    assert facts["data"]["shape"] == [4]


def test_a_run_without_parts_records_none_and_keeps_its_identity(tmp_path):
    run(tmp_path / "run", parts=NO_PARTS)
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert not {"parts", "objective"} & facts.keys()
    identity = bytes(tiny.experiment().identity)
    assert (
        identity.hex() == "db82e8aaac6b5804f01bc7cee2a2be59"
    )  # that of minigan before there were parts


def test_each_part_changes_the_identity():
    backend = tiny.experiment().backend
    own = [Parts(D=Network(64, (Linear(1, 0.5),))), Parts(objective=LINEAR), Parts(prior=laplace)]
    own += [
        Parts(G=DIGITS_G),
        Parts(optimizer=TwoVectors),
        Parts(optimizer=partial(TwoVectors, rate=1)),
    ]
    identities = {
        bytes(Experiment.begin(tiny.recipe(), 1, backend, parts=parts).identity)
        for parts in [NO_PARTS, *own]
    }
    assert len(identities) == 1 + len(own)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (NO_PARTS, "was trained with a custom D, Network"),
        (replace(EVERY, D=Network(4, (Linear(1, 0.5),))), "was trained with a custom D"),
        (replace(EVERY, optimizer=None), "was trained with a custom optimizer"),
        (replace(EVERY, prior=None), "was trained with a custom prior"),
        (replace(EVERY, data=None), "was trained with a custom data"),
    ],
)
def test_a_run_does_not_go_on_with_other_parts(tmp_path, parts, sentence):
    folder = run(tmp_path / "run", 3)
    before = dumped(folder)
    with pytest.raises(UserError, match=sentence):
        resume(folder, 6, reporting=QUIET, parts=parts)
    assert dumped(folder) == before


def test_a_run_of_the_recipe_alone_takes_no_parts(tmp_path):
    folder = run(tmp_path / "run", 3, NO_PARTS)
    with pytest.raises(UserError, match="was trained with the objective of its recipe: leave"):
        resume(folder, 6, reporting=QUIET, parts=Parts(objective=LINEAR))


def test_the_command_line_refuses_a_run_with_custom_parts(tmp_path, capsys):
    folder = run(tmp_path / "run", 3)
    for arguments in (
        ["train", "--resume", str(folder)],
        ["sample", str(folder), "--out", "x.npy"],
    ):
        assert cli.main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        (sentence,) = err.splitlines()
        assert "custom" in sentence


def test_samples_are_those_of_the_own_G_and_prior(tmp_path):
    folder = run(tmp_path / "run")
    sampler = load_sampler(folder, parts=EVERY)
    z = sampler.noise(5, seed=1)
    np.testing.assert_array_equal(z, laplace(draws.generator(1, "noise/samples", 0), 5, 3))
    theta_g = checkpoint.load(folder / "checkpoint.npz")["theta_g"]
    own = G.zeros()
    own.assign(theta_g)
    np.testing.assert_array_equal(sampler.samples(z), G.forward(own, z).y)
    assert not list((folder / "samples").iterdir())  # rows of four numbers have no picture
    with pytest.raises(UserError, match=r"trained with a custom G"):
        sampling.load_sampler(folder)


def test_a_G_that_does_not_fit_the_data_is_refused_before_there_is_a_folder(tmp_path):
    with pytest.raises(UserError, match="an example has 64 values, but G has 4 outputs"):
        train(tiny.recipe(), 1, out=tmp_path / "run", reporting=QUIET, parts=Parts(G=G))
    assert not (tmp_path / "run").exists()


class NoRepr(Layer):
    """A layer that is not a dataclass: its repr contains a memory address."""

    def forward(self, theta, trace):
        return trace.x

    def backward_input(self, theta, trace, dy):
        return dy


def test_a_part_without_a_lasting_description_is_refused(tmp_path):
    parts = Parts(D=Network(64, (NoRepr(), Linear(1, 0.5))))
    with pytest.raises(
        UserError, match=r"the description of the custom D contains a memory address .*dataclass"
    ):
        train(tiny.recipe(), 1, out=tmp_path / "run", reporting=QUIET, parts=parts)
    assert not (tmp_path / "run").exists()


def test_a_custom_optimizer_equal_to_that_of_the_recipe_gives_the_same_numbers():
    changes = {"optimizer__rate_divisor": 1.0, "optimizer__momentum_final": 0.5}
    backend, recipe = tiny.experiment().backend, tiny.recipe(**changes)
    make = partial(Momentum, eta=Constant(0.1), mu=Constant(0.5))
    custom = Experiment.begin(recipe, 1, backend, parts=Parts(optimizer=make))
    built_in = Experiment.begin(recipe, 1, backend)
    for t in range(4):
        custom.iterate(t), built_in.iterate(t)
    for name, array in built_in.state().items():
        np.testing.assert_array_equal(custom.state()[name], array)


def test_a_report_shows_the_equilibrium_of_the_custom_objective(tmp_path):
    folder = run(tmp_path / "run")
    assert history.read(folder).objective == (LINEAR.equilibrium, "bits")
    assert history.read(folder).data is None
    page = html.write(folder, score=False).read_text("utf-8")
    assert "These custom parts replaced" in page
    assert "TwoVectors(rate=0.02)" in page
