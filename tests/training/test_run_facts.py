"""environment.json has what may change the results of a run, and its data set."""

from __future__ import annotations

import json

import tiny
from runs_of import train
from threadpoolctl import threadpool_limits

from minigan.system.environment import environment


def test_the_environment_has_seed_device_and_system(tmp_path):
    train(tmp_path / "run")
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    with threadpool_limits(1, user_api="blas"):  # as in the recipe of the run
        data = facts.pop("data")
        assert facts == {"seed": 1, "device": "cpu", **environment()}
    digits = tiny.experiment().data
    digests = {"digest": digits.digest, "splits": digits.digest_of_splits}
    assert data == {"set": "digits", "where": None, "shape": [8, 8, 1], **digests}
