"""The sheet of a completion run: the same pictures at each save, with what G has learnt."""

from __future__ import annotations

import numpy as np
import tiny
from PIL import Image
from runs_of import train

from minigan.training.completion.sheet import COMPLETIONS, PICTURES, sheet_of_completions


def test_the_sheet_has_a_row_per_picture_and_depends_on_G_only():
    experiment = tiny.experiment(**tiny.COMPLETING)
    first = sheet_of_completions(experiment)
    assert first.shape == (PICTURES * 34 + 2, (COMPLETIONS + 2) * 34 + 2, 3)
    np.testing.assert_array_equal(sheet_of_completions(experiment), first)
    experiment.iterate(0)
    second = sheet_of_completions(experiment)
    left = slice(0, 2 * 34)  # the picture and its observed part
    np.testing.assert_array_equal(second[:, left], first[:, left])
    assert not np.array_equal(second, first)


def test_a_run_writes_it_at_each_save(tmp_path):
    train(tmp_path / "run", **tiny.COMPLETING)
    for name in ("samples.png", "samples/00000003.png"):
        with Image.open(tmp_path / "run" / name) as picture:
            assert (picture.mode, picture.size) == ("RGB", (10 * 34 + 2, 10 * 34 + 2))
