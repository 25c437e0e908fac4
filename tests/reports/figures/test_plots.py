"""Plots: file types, reproducible bytes, unchanged user settings, and a missing Matplotlib."""

from __future__ import annotations

import io
import subprocess
import sys

import matplotlib
import pytest
from PIL import Image

from minigan.errors import UserError
from minigan.reports.figures import plots


def drawn():
    figure, (left, right) = plots.empty(2, 2.0, 1.5)
    left.plot([0, 1], [1, 0], label="a line")
    plots.name_lines(left)
    assert not right.lines
    return figure


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".PNG"])
def test_equal_figures_have_equal_bytes(suffix):
    one, same = (plots.encoded(drawn(), suffix) for _ in range(2))
    assert one == same
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF-"}[suffix.lower()]
    assert one.startswith(start)
    assert b"2026-" not in one


def test_a_png_has_the_requested_size():
    with Image.open(io.BytesIO(plots.encoded(drawn(), ".png"))) as picture:
        assert picture.size == (2 * 2.0 * 160, 1.5 * 160)


def test_no_setting_of_matplotlib_is_changed_and_pyplot_is_not_imported():
    def settings():
        return {
            name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"
        }

    before = settings()
    plots.encoded(drawn(), ".svg")
    assert settings() == before
    code = (
        "import sys; from minigan.reports.figures import plots; "
        "assert 'matplotlib' not in sys.modules; "
        "plots.encoded(plots.empty(1, 1, 1)[0], '.png'); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("name", ["a.jpg", "a", ".png", "a.png.gz"])
def test_a_wrong_suffix_raises_an_error(tmp_path, name):
    with pytest.raises(UserError, match=r"must end in \.png, \.svg or \.pdf"):
        plots.require_matplotlib(tmp_path / name)


def test_a_missing_folder_raises_an_error(tmp_path):
    message = r"a\.png cannot be written: the folder .*nowhere does not exist"
    with pytest.raises(UserError, match=message):
        plots.require_matplotlib(tmp_path / "nowhere" / "a.png")


def test_without_matplotlib_the_error_contains_the_install_command(tmp_path, monkeypatch):
    plots.require_matplotlib(tmp_path / "a.svg")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UserError, match=r"need Matplotlib: pip install 'minigan\[plot\]'"):
        plots.require_matplotlib(tmp_path / "a.svg")
