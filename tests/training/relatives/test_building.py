"""The arrays of a model by name, and a model that is set to saved arrays."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_relative

from minigan.errors import UserError
from minigan.training.relatives import building
from minigan.training.relatives.building import model_arrays, restore_model


def test_every_layer_has_theta_and_velocity_and_each_model_its_own_arrays() -> None:
    names = {
        "dbn": {"theta_0", "v_0", "theta_1", "v_1", "chains_0", "chains_1"},
        "cae": {*("theta_0", "v_0", "theta_1", "v_1"), *("mean_0", "L_0", "mean_1", "L_1")},
        "gsn": {"theta_0", "v_0", "means"},
    }
    for kind, expected in names.items():
        changes = tiny_relative.PCD if kind == "dbn" else {}
        assert set(model_arrays(tiny_relative.experiment(kind, **changes).model)) == expected


def test_a_restored_model_has_the_arrays_and_the_numbers_of_updates() -> None:
    trained, fresh = (tiny_relative.experiment("cae") for _ in range(2))
    for t in range(4):
        trained.iterate(t)
    version = fresh.model.players[0].theta.version
    restore_model(fresh.model, trained.state())
    assert [player.updates for player in fresh.model.players] == [3, 1]
    assert fresh.model.players[0].theta.version > version
    for name, array in model_arrays(trained.model).items():
        assert np.array_equal(array, model_arrays(fresh.model)[name])


def test_arrays_of_another_model_change_nothing() -> None:
    experiment, other = tiny_relative.experiment("cae"), tiny_relative.experiment("gsn")
    before = experiment.state()
    with pytest.raises(UserError, match="the checkpoint does not match"):
        restore_model(experiment.model, other.state())
    bad = {**tiny_relative.experiment("cae").state()}
    bad["v_1"][0] = np.nan
    bad["theta_0"] += 1
    with pytest.raises(UserError, match='its "v_1" contains invalid numbers'):
        restore_model(experiment.model, bad)
    for name, array in experiment.state().items():
        assert np.array_equal(array, before[name])


def test_a_model_beyond_the_memory_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(building, "memory", lambda: 4000)
    with pytest.raises(UserError, match=r"needs 4\.08e-06 GB and this machine has 4e-06 GB: reduc"):
        tiny_relative.experiment("dbn")
    monkeypatch.setattr(building, "memory", lambda: None)
    tiny_relative.experiment("dbn")
