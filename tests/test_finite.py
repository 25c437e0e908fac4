"""NaN and infinity raise an error before an update, and the message names the tensor."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tiny
from runs_of import iteration_of, train

from minigan import cli, finite
from minigan.finite import FiniteCheck, NotFiniteError
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training import recipes
from minigan.training.experiment import Experiment
from minigan.training.runs import checkpoint
from minigan.training.stopping import TrainingStopped

SHAPES = {"linear1.W": (2, 3), "linear1.b": (3,)}


def gradient(*values, at=(0,), dtype=np.float32):
    g = Parameters(SHAPES, np.arange(9, dtype=dtype))
    for position, value in zip(at, values, strict=True):
        g.vector[position] = value
    return g


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("at", "name"), [(0, "linear1.W"), (5, "linear1.W"), (6, "linear1.b"), (8, "linear1.b")]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_a_gradient_with_one_number_that_is_not_finite_is_refused_by_name(value, at, name, dtype):
    with pytest.raises(NotFiniteError, match=rf"^the gradient of D's {name} is not finite$"):
        FiniteCheck().gradient("D", gradient(value, at=(at,), dtype=dtype))


@pytest.mark.parametrize("value", [0, -3.4e38, 3.4e38, 1e-45])
def test_a_finite_gradient_is_returned_also_where_its_square_overflows(value):
    g = gradient(value)
    assert FiniteCheck().gradient("G", g) is g


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_is_refused_with_its_value(value):
    with pytest.raises(NotFiniteError, match=f"^V is {value}$"):
        FiniteCheck().loss("V", np.float32(value))
    FiniteCheck().loss("V", np.float32(-1e38))


def test_losses_are_checked_together_as_soon_as_there_are_as_many_as_slots():
    class TwoSlots(FiniteCheck):
        slots = 2

    check = TwoSlots()
    check.loss("V", np.float32(np.nan))
    with pytest.raises(NotFiniteError, match=r"^V is nan$"):
        check.loss("G's loss", np.float32(1))
    check.loss("V", np.float32(np.inf))  # the losses of the failed check are not checked again
    with pytest.raises(NotFiniteError, match=r"^V is inf$"):
        check.flush()
    check.flush()


def test_the_first_tensor_that_is_not_finite_is_named():
    good, bad = np.zeros(2), np.array([0, np.nan])
    assert finite.first_not_finite([("a", good), ("b", bad), ("c", bad)]) == "b"
    assert finite.first_not_finite([("a", good)]) is None


# Numbers that a test replaces by NaN or infinity before iteration 5, and the expected message. The
# run saves every 3 iterations.


def in_theta(player, tensor, value=np.nan):
    def spoil(game, monkeypatch):
        getattr(game, f"player_{player}").theta[tensor].flat[-1] = value

    return spoil


def in_draw(method, which, value=np.nan):
    """In each minibatch of data, or in the noise of the player `which`."""

    def spoil(game, monkeypatch):
        draw = getattr(type(game.draws), method)

        def spoilt(self, *arguments, out=None):
            x = draw(self, *arguments).copy()
            if which is None or which in arguments:
                x[-1, -1] = value
            return x

        monkeypatch.setattr(type(game.draws), method, spoilt)

    return spoil


def in_objective(value):
    """In the gradient of G's objective, whose loss stays finite."""

    def spoil(game, monkeypatch):
        gradient = game.objective.loss_gradient

        def spoilt(a, *, out=None):
            da = gradient(a, out=out)
            da[0] = value
            return da

        game.objective = dataclasses.replace(game.objective, loss_gradient=spoilt)

    return spoil


def in_backward(network, tensor, value):
    """In one tensor of a gradient, as if a product had overflowed."""

    def spoil(game, monkeypatch):
        backward = Network.backward

        def spoilt(self, *arguments, **options):
            dtheta, dx = backward(self, *arguments, **options)
            if self is getattr(game, network) and dtheta:
                dtheta[tensor].flat[0] = value
            return dtheta, dx

        monkeypatch.setattr(Network, "backward", spoilt)

    return spoil


LAYERS = ("linear1", "linear2", "linear3")
PLACES = {
    **{
        f"{player.upper()} {layer}.{part}": (
            in_theta(player, f"{layer}.{part}"),
            rf"V is nan \(first seen in {player.upper()}'s {layer}\.{part}\)",
        )
        for player in "gd"
        for layer in LAYERS
        for part in "Wb"
    },
    "infinite bias of the logit": (
        in_theta("d", "linear3.b", np.inf), r"V is -inf \(first seen in D's linear3\.b\)"),
    "data": (in_draw("data", None), r"V is nan \(first seen in the minibatch x\)"),
    "infinite pixel": (in_draw("data", None, np.inf), r"first seen in the minibatch x"),
    "z of the D step": (
        in_draw("noise", "D"), r"V is nan \(first seen in the input of G\(z\) in the D step\)"),
    "infinite z": (in_draw("noise", "D", np.inf), r"first seen in the input of G\(z\) in the D"),
    "gradient of G's objective, nan": (in_objective(np.nan), r"gradient of G's linear1\.W is not"),
    "gradient of G's objective, inf": (in_objective(np.inf), r"gradient of G's linear1\.W is not"),
    **{
        f"gradient of {network}'s {tensor}": (
            in_backward(network, tensor, value),
            rf"the gradient of {network}'s {tensor} is not finite; the last",
        )
        for network, tensor, value in (
            ("D", "linear1.W", np.nan), ("D", "linear2.b", np.inf), ("D", "linear3.W", -np.inf),
            ("G", "linear1.b", np.inf), ("G", "linear2.W", np.nan), ("G", "linear3.b", np.nan),
        )
    },
}  # fmt: skip


def planted(monkeypatch, place, iteration):
    """Change the game before an iteration; returns the parameters before and after the error."""
    iterate, seen = Experiment.iterate, {}

    def spoilt(self, t):
        if t == iteration:
            with monkeypatch.context() as patch:
                PLACES[place][0](self.game, patch)
                before = {name: array.copy() for name, array in self.state().items()}
                try:
                    return iterate(self, t)
                finally:
                    seen.update(before=before, after=self.state())
        return iterate(self, t)

    monkeypatch.setattr(Experiment, "iterate", spoilt)
    return seen


@pytest.mark.parametrize(
    "changes",
    [{"training__k": 2}, {"training__schedule": "simultaneous", "training__k": 1}],
    ids=["algorithm1", "simultaneous"],
)
@pytest.mark.parametrize("place", PLACES)
def test_a_planted_number_stops_before_the_update_and_keeps_the_checkpoint(
    tmp_path, monkeypatch, place, changes
):
    seen = planted(monkeypatch, place, iteration=4)
    with pytest.raises(TrainingStopped, match=PLACES[place][1]) as stop:
        train(tmp_path / "run", **changes)
    sentence = str(stop.value)
    assert sentence.startswith("training stopped in iteration 5, before the update: ")
    assert "\n" not in sentence
    players = "g" if "gradient of G" in place and "training__schedule" not in changes else "gd"
    for name in (f"{kind}_{player}" for kind in ("theta", "v") for player in players):
        np.testing.assert_array_equal(seen["after"][name], seen["before"][name], err_msg=name)
    assert iteration_of(tmp_path / "run") == 3
    saved = checkpoint.load(tmp_path / "run" / "checkpoint.npz")
    assert all(np.isfinite(saved[name]).all() for name in ("theta_g", "theta_d", "v_g", "v_d"))


def test_at_least_twenty_places_are_tested():
    assert len(PLACES) >= 20


@pytest.mark.parametrize(("player", "name"), [("g", "theta_g"), ("d", "theta_d")])
def test_parameters_that_overflow_in_an_update_are_not_saved(tmp_path, monkeypatch, player, name):
    """theta can overflow in an update although the gradient is finite."""
    iterate = Experiment.iterate

    def spoilt(self, t):
        logits = iterate(self, t)
        if t == 5:
            getattr(self.game, f"player_{player}").theta.vector[0] = np.inf
        return logits

    monkeypatch.setattr(Experiment, "iterate", spoilt)
    message = f"training stopped after iteration 6: {name} is not finite; the last checkpoint"
    with pytest.raises(TrainingStopped, match=message):
        train(tmp_path / "run")
    assert iteration_of(tmp_path / "run") == 3


def test_a_stopped_training_is_one_message_with_the_folder_and_status_1(
    tmp_path, monkeypatch, capsys
):
    path = tmp_path / "tiny.toml"
    path.write_text(recipes.to_toml(tiny.recipe()))
    planted(monkeypatch, "data", iteration=1)
    status = cli.main(["train", str(path), "--out", str(tmp_path / "run"), "--quiet"])
    out, err = capsys.readouterr()
    assert (status, out) == (1, "")
    assert err == (
        "minigan: training stopped in iteration 2, before the update: V is nan (first seen in "
        f"the minibatch x); the last checkpoint in {tmp_path / 'run'} is kept; "
        "a lower optimizer.rate may help\n"
    )
