"""The picture of the records in docs/results/at-rest has the points of each record."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "at_rest.py"


@pytest.fixture(scope="module")
def at_rest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("at_rest", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def points(*of_line: tuple[float, float]) -> list[list[float]]:
    """The x and the y of a line."""
    return [list(one) for one in zip(*of_line, strict=True)]


def value(variance: float, LL: float) -> dict[str, float]:
    return {"variance": variance, "validation_LL": LL}


def test_each_record_has_a_solid_line_of_the_average_and_a_dotted_one_of_theta_g(
    at_rest: ModuleType, tmp_path: Path
) -> None:
    curve = [
        {"average_g": value(30, 200), "theta_g": value(32, 180)},
        {"average_g": value(41, 226), "theta_g": value(47, 190)},
    ]
    record: dict[str, Any] = {"curve": curve, "training_images": value(52.7, 240)}
    (tmp_path / "b.json").write_text(json.dumps(record))
    (tmp_path / "a.json").write_text(json.dumps({"curve": curve[:1]}))
    (axes,) = at_rest.draw(tmp_path).axes
    found = [
        (line.get_linestyle(), [list(line.get_xdata()), list(line.get_ydata())])
        for line in axes.get_lines()
    ]
    assert found == [
        ("-", points((30, 200))),
        (":", points((32, 180))),
        ("-", points((30, 200), (41, 226))),
        (":", points((32, 180), (47, 190))),
        ("None", points((52.7, 240))),
    ]
    colours = [line.get_color() for line in axes.get_lines()]
    assert colours == ["C0", "C0", "C1", "C1", "k"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]


def test_every_record_of_the_page_is_drawn_and_ends_inside_the_axes(
    at_rest: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["at_rest.py", "--out", str(tmp_path / "a.png")])
    at_rest.main()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (700, 450)
    (axes,) = at_rest.draw().axes
    names = sorted(path.stem for path in at_rest.RECORDS.glob("*.json"))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == names
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    for line in axes.get_lines():
        assert left < line.get_xdata()[-1] < right, line.get_label()
        assert low < line.get_ydata()[-1] < high, line.get_label()
