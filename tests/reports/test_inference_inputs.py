"""Which images `infer` uses, and what it knows of them."""

from __future__ import annotations

import pytest
from runs_of import train

from minigan.errors import UserError
from minigan.reports import inference_inputs


def test_the_training_images_have_no_nearest_training_image(tmp_path):
    train(tmp_path / "run")
    inputs = inference_inputs.images_of_set(tmp_path / "run", None, "train", 3)
    assert (inputs.train, inputs.neighbours) == (None, ())
    assert inputs.description == "training images of digits"


@pytest.mark.parametrize(("split", "known"), [("validation", 1197), ("test", 1197 + 300)])
def test_validation_images_are_neighbours_of_test_images_only(tmp_path, split, known):
    train(tmp_path / "run")
    inputs = inference_inputs.images_of_set(tmp_path / "run", None, split, 3)
    assert sum(map(len, inputs.neighbours)) == known
    assert len(inputs.train) == 1197


def test_a_run_on_points_is_refused(tmp_path):
    train(tmp_path / "run", data__set="ring", generator__output="linear")
    with pytest.raises(UserError, match="was trained on points"):
        inference_inputs.images_of_set(tmp_path / "run", None, "test", 3)
    with pytest.raises(UserError, match="was trained on points"):
        inference_inputs.images_of_files(tmp_path / "run", tmp_path, lambda note: None)
