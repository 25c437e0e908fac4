"""The classes of a run: what samples are compared with, and the table of the numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import tiny
from runs_of import train

from minigan.data import digits
from minigan.data.toys import ring
from minigan.errors import UserError
from minigan.evaluation.classes import ClassStatistics
from minigan.reports import class_quality
from minigan.reports.class_quality import ClassQuality
from minigan.reports.run_data import data_of_run
from minigan.training.sampler import Sampler


def test_real_images_as_samples_show_their_class_as_well_as_the_classifier_knows_it(
    tmp_path, monkeypatch
):
    run = train(tmp_path / "run", **tiny.CONDITIONAL).run
    data = data_of_run(run.path, None)

    def real(sampler, z):
        labels = digits.load("train").labels
        first = [np.flatnonzero(labels == c) for c in z[:, 3:].argmax(axis=1)]
        return data.train.gather(np.array([some[i % len(some)] for i, some in enumerate(first)]))

    monkeypatch.setattr(Sampler, "samples", real)
    found = class_quality.class_quality_of_run(run.path, data)
    assert found is not None
    assert (found.classifier_error, found.data) == (0.1, "digits")
    assert [row.count for row in found.rows] == [1000] * 10
    assert found.own > 0.99
    assert all(0.5 < row.diversity < 1.5 for row in found.rows)
    monkeypatch.setattr(Sampler, "samples", lambda sampler, z: np.full((len(z), 64), np.nan))
    with pytest.raises(UserError, match="are not finite: use another checkpoint"):
        class_quality.class_quality_of_run(run.path, data)


def test_points_are_assigned_without_a_classifier_and_a_plain_run_has_no_classes(
    tmp_path, monkeypatch
):
    changes = {"data__set": "ring", "generator__output": "linear"}
    run = train(tmp_path / "run", **changes, **tiny.CONDITIONAL).run
    data = data_of_run(run.path, None)
    plain = train(tmp_path / "plain").run
    assert class_quality.class_quality_of_run(plain.path, data_of_run(plain.path, None)) is None
    means = ring().means
    monkeypatch.setattr(Sampler, "samples", lambda sampler, z: means[z[:, 3:].argmax(axis=1)])
    found = class_quality.class_quality_of_run(run.path, data)
    assert found is not None
    assert (found.own, found.classifier_error, len(found.rows)) == (1.0, None, 8)
    assert "within 3 standard deviations of the Gaussian (98.9 %" in str(found)


def test_the_table_is_narrow_and_the_json_has_null_for_an_undefined_number():
    rows = ClassStatistics("a" * 200, 3, 1.0, math.nan), ClassStatistics("b", 1, 0.5, 0.25)
    found = ClassQuality("folder", rows, 0.028)
    lines = str(found).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[1:] for line in lines[1:3]] == [
        ["100.0", "%", "-"],
        ["50.0", "%", "0.25"],
    ]
    assert lines[3].split() == ["all,", "4", "samples", "87.5", "%"]
    assert lines[4] == "(by a classifier that is wrong for 2.8 % of held-out images)"
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert [row["diversity"] for row in plain["rows"]] == [None, 0.25]
    assert plain["own"] == 0.875
