"""The table of a run: samples, training images and baselines; JSON has null for undefined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runs_of import train

from minigan.errors import UserError
from minigan.evaluation.image_statistics import ImageStatistics
from minigan.reports import image_quality
from minigan.reports.run_data import data_of_run

DOCS = Path(__file__).parents[2] / "docs"


def test_a_run_on_normalised_images_has_a_row_for_its_samples(tmp_path):
    run = train(tmp_path / "run", data__contrast=8.0, generator__output="linear").run
    found = image_quality.quality_of_run(run.path, data_of_run(run.path, None))
    assert [row.name for row in found.rows] == [
        "samples of G", "training images", "mean image", "k-means, 100 centres", "Gaussian"
    ]  # fmt: skip
    assert (found.data, found.count, found.train) == ("digits", 598, 1197)
    assert 0.8 < found.rows[1].nearest < 1.2
    lines = str(found).splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) <= 80
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["count"] == 598


def test_an_undefined_number_is_a_dash_and_null():
    row = ImageStatistics("x", 1.0, 2.0, float("nan"), -2.5)
    assert image_quality.row_texts(row) == ["1.000", "2.000", "-", "-2.500"]
    found = image_quality.ImageQuality("digits", 1, 2, (row,))
    assert found.to_json()["rows"][0]["components"] is None
    assert "-2.500" in str(found)


def test_a_run_on_points_has_no_image_statistics(tmp_path):
    run = train(tmp_path / "run", data__set="ring", generator__output="linear").run
    with pytest.raises(UserError, match="was not trained on images"):
        image_quality.quality_of_run(run.path, data_of_run(run.path, None))


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        ("cifar10-small", 5),
        ("cifar10-conv-small", 1),
        ("cifar10-fc-2014", 5),
        ("cifar10-conv-2014", 1),
    ],
)
def test_the_tables_of_figures_2c_and_2d_in_the_docs_have_the_numbers_of_their_records(run, shown):
    rows = json.loads((DOCS / f"results/images/{run}.json").read_text("utf-8"))["rows"]
    text = (DOCS / "figures.md").read_text("utf-8")
    assert [row["name"] for row in rows][:2] == ["samples of G", "training images"]
    for row in rows[:shown]:
        numbers = [row[key] for key in ("nearest", "frechet", "components", "slope")]
        cells = ["-" if number is None else f"{number:.3f}" for number in numbers]
        assert f"    {row['name']:<24}" + "".join(f"{cell:>13}" for cell in cells) in text
