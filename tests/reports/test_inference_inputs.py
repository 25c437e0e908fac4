"""Which images `infer` uses, and what it knows of them."""

from __future__ import annotations

import pytest
from runs_of import train

from minigan.errors import UserError
from minigan.reports import inference_inputs


def test_the_training_images_have_no_nearest_training_image(tmp_path):
    train(tmp_path / "run")
    inputs = inference_inputs.images_of_set(tmp_path / "run", None, "train", 3)
    assert inputs.train is None
    assert inputs.description == "training images of digits"


def test_a_run_on_points_is_refused(tmp_path):
    train(tmp_path / "run", data__set="ring", generator__output="linear")
    with pytest.raises(UserError, match="was trained on points"):
        inference_inputs.images_of_set(tmp_path / "run", None, "test", 3)
    with pytest.raises(UserError, match="was trained on points"):
        inference_inputs.images_of_files(tmp_path / "run", tmp_path, lambda note: None)
