"""The data set of a run is the one that it was trained on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runs_of import train

from minigan.errors import UserError
from minigan.reports.run_data import data_of_run


def test_a_run_whose_data_set_has_changed_raises_an_error(tmp_path: Path) -> None:
    run = train(tmp_path / "run").run.path
    facts = json.loads((run / "environment.json").read_text())
    facts["data"]["digest"] = "0" * 32
    (run / "environment.json").write_text(json.dumps(facts))
    with pytest.raises(UserError, match="the data set differs from the one that"):
        data_of_run(run, None)
