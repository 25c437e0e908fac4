"""Whole iterations and a resumed run agree with the CPU; a fault in any part is detected."""

from __future__ import annotations

import pytest

from minigan.backends.cuda.fused import FusedBackend, FusedMomentum
from minigan.bench.gpu import whole
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.workload import QUICK

pytestmark = pytest.mark.cupy

CHECKS = {check.name: check for check in whole.CHECKS}
PAPER = [name for name in CHECKS if "paper" in name and "generic" not in name]


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_passes(backend, name):
    found = run_check(CHECKS[name], backend, QUICK)
    assert (found.passed, found.fault) == (True, "")


def test_an_update_that_is_one_percent_too_long_fails(backend, monkeypatch):
    update = FusedMomentum._update

    def longer(self, g, eta, mu):
        update(self, g, eta=1.01 * eta, mu=mu)

    monkeypatch.setattr(FusedMomentum, "_update", longer)
    name, *_ = PAPER
    assert run_check(CHECKS[name], backend, QUICK).error > 0.005


def test_masks_of_the_other_player_fail(cupy, monkeypatch):
    from minigan.backends.cuda.device_draws import DeviceDraws

    masks = DeviceDraws.masks
    monkeypatch.setattr(DeviceDraws, "masks", lambda self, player, *rest: masks(self, "D", *rest))
    assert not run_check(CHECKS[PAPER[0]], FusedBackend(cupy), QUICK).passed


def test_a_run_that_loses_its_velocity_on_the_other_device_fails(backend, monkeypatch):
    from minigan.training.experiment import Experiment

    restore = Experiment.restore

    def forgetful(self, state):
        restore(self, {**state, "v_g": 0 * state["v_g"], "v_d": 0 * state["v_d"]})

    monkeypatch.setattr(Experiment, "restore", forgetful)
    assert not run_check(CHECKS["a run resumed on the CPU"], backend, QUICK).passed
