"""Whole iterations and a run that changes the device agree; a fault in any part is seen there."""

from __future__ import annotations

import pytest

from minigan.backends.cuda.fused import FusedBackend
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


def test_an_update_that_is_a_hundredth_too_long_fails(backend, monkeypatch):
    descend = FusedBackend.descend

    def longer(self, theta, g, v, *, eta, mu):
        descend(self, theta, g, v, eta=1.01 * eta, mu=mu)

    monkeypatch.setattr(FusedBackend, "descend", longer)
    name, *_ = PAPER
    assert run_check(CHECKS[name], backend, QUICK).error > 0.005


def test_masks_of_another_player_fail(cupy, monkeypatch):
    from minigan.backends.cuda.device_draws import DeviceDraws

    masks = DeviceDraws.masks
    monkeypatch.setattr(DeviceDraws, "masks", lambda self, player, *rest: masks(self, "D", *rest))
    assert not run_check(CHECKS[PAPER[0]], FusedBackend(cupy), QUICK).passed


def test_a_run_that_starts_anew_on_the_other_device_fails(backend, monkeypatch):
    from minigan.training.experiment import Experiment

    restore = Experiment.restore

    def forgetful(self, state):
        restore(self, {**state, "v_g": 0 * state["v_g"], "v_d": 0 * state["v_d"]})

    monkeypatch.setattr(Experiment, "restore", forgetful)
    assert not run_check(CHECKS["a run goes on on the CPU"], backend, QUICK).passed
