"""The samples of a run, with the description of their origin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tiny
from runs_of import train

from minigan.reports.likelihood import of_run


def test_the_samples_of_a_conditional_run_are_images_of_all_classes(tmp_path: Path) -> None:
    run = train(tmp_path / "run", **tiny.CONDITIONAL).run.path
    found = of_run(run, "last", 20, 3)
    assert np.asarray(found.samples).shape == (20, 64)
    assert found.description.endswith("(last checkpoint, seed 3, all classes equally often)")
    plain = train(tmp_path / "plain").run.path
    assert of_run(plain, "last", 20, 3).description.endswith("seed 3)")
