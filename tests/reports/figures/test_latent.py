"""The picture of z is a sweep for images and a map for points, written to one file."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny
from PIL import Image
from runs_of import train

from minigan.data import toys
from minigan.errors import UserError
from minigan.reports.figures import latent, latent_map, latent_sweep
from minigan.training import sampling


def read(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_images_are_swept(tmp_path):
    path = train(tmp_path / "r").run.path
    result = latent.draw(tmp_path / "a.png", path, "best", 4)
    picture, expected = latent_sweep.draw(sampling.load_sampler(path, "best"), (8, 8, 1), 4)
    assert result == expected
    np.testing.assert_array_equal(read(tmp_path / "a.png"), picture)


def test_normalised_images_are_scaled_together(tmp_path):
    path = train(tmp_path / "r", data__contrast=8.0, generator__output="linear").run.path
    latent.draw(tmp_path / "a.png", path)
    sampler = sampling.load_sampler(path)
    picture, _ = latent_sweep.draw(sampler, (8, 8, 1), normalised=True)
    np.testing.assert_array_equal(read(tmp_path / "a.png"), picture)


def test_points_are_mapped_and_other_points_refused(tmp_path):
    path = train(tmp_path / "r", data__set="ring", generator__output="linear").run.path
    result = latent.draw(tmp_path / "a.png", path, seed=2)
    picture, expected = latent_map.draw(sampling.load_sampler(path), toys.ring(), 2)
    assert result == expected
    np.testing.assert_array_equal(read(tmp_path / "a.png"), picture)
    facts = json.loads((path / "environment.json").read_text())
    facts["data"]["set"] = "spiral"
    (path / "environment.json").write_text(json.dumps(facts))
    with pytest.raises(UserError, match="trained on spiral, whose modes are not known"):
        latent.draw(tmp_path / "a.png", path)


def test_a_conditional_run_is_refused(tmp_path):
    path = train(tmp_path / "r", **tiny.CONDITIONAL).run.path
    with pytest.raises(UserError, match="is a conditional run"):
        latent.draw(tmp_path / "a.png", path)
    assert not (tmp_path / "a.png").exists()


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"a\.svg must end in \.png"):
        latent.draw(tmp_path / "a.svg", tmp_path)
