"""Plots: file types, reproducible bytes, unchanged user settings, and a missing Matplotlib."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import matplotlib
import pytest
from PIL import Image

from minigan.errors import UserError
from minigan.reports.figures import plots


def draw(figure):
    left, right = plots.row_of_axes(figure, 2)
    left.plot([0, 1], [1, 0], label="a line")
    left.set_xlabel("$x$")
    plots.name_lines(left)
    assert not right.lines


def encoded(suffix=".png"):
    return plots.drawn(draw, suffix, figsize=(4.0, 1.5), layout="constrained")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".PNG"])
def test_equal_figures_have_equal_bytes(suffix):
    one, same = (encoded(suffix) for _ in range(2))
    assert one == same
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF-"}[suffix.lower()]
    assert one.startswith(start)
    assert b"2026-" not in one


def test_a_png_has_the_requested_size():
    with Image.open(io.BytesIO(encoded())) as picture:
        assert picture.size == (2 * 2.0 * 160, 1.5 * 160)


def test_no_setting_of_matplotlib_is_changed_and_pyplot_is_not_imported():
    def settings():
        return {
            name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"
        }

    before = settings()
    encoded(".svg")
    assert settings() == before
    code = (
        "import sys; from minigan.reports.figures import plots; "
        "assert 'matplotlib' not in sys.modules; "
        "plots.drawn(lambda figure: plots.row_of_axes(figure, 1), '.png'); "
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
    with pytest.raises(UserError, match=r"need Matplotlib: .* -m pip install matplotlib"):
        plots.require_matplotlib(tmp_path / "a.svg")


CODE = """
import sys
from minigan.reports.figures import plots
def draw(figure):
    (axes,) = plots.row_of_axes(figure, 1)
    axes.plot([0, 1], [1, 0], label="a line")
    axes.set_xlabel("$x$")
    plots.name_lines(axes)
for suffix in (".png", ".svg", ".pdf", ".rgba"):
    sys.stdout.buffer.write(plots.drawn(draw, suffix, figsize=(2, 1), layout="constrained"))
"""
SETTINGS = {
    "nothing": ({}, ""),
    "notebook": ({"MPLBACKEND": "module://matplotlib_inline.backend_inline"}, ""),
    "unknown backend": ({"MPLBACKEND": "Qt4Agg"}, ""),
    "latex": ({}, "text.usetex: True"),
    "dark": ({}, "figure.facecolor: black\ntext.color: white\naxes.grid: True"),
    "saved": ({}, "savefig.bbox: tight\nsavefig.dpi: 20\nsvg.fonttype: none\npdf.fonttype: 42"),
    "font": ({}, "font.family: serif\nfont.size: 20\nmathtext.fontset: stix"),
    "not a setting": ({}, "nonsense\nfigure.nonsense: 1"),
}


def test_the_settings_of_the_user_change_no_byte(tmp_path):
    def run(name):
        variables, rc = SETTINGS[name]
        (tmp_path / name).write_text(rc)
        env = {**os.environ, "MATPLOTLIBRC": str(tmp_path / name), **variables}
        done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True)
        assert done.returncode == 0, (name, done.stderr)
        return done.stdout

    plain = run("nothing")
    assert {name for name in SETTINGS if run(name) != plain} == set()


def test_the_backend_of_the_user_stays_as_it_was(tmp_path):
    code = (
        "import os; from minigan.reports.figures import plots; "
        "plots.drawn(lambda figure: None, '.png'); import matplotlib; "
        "assert os.environ['MPLBACKEND'] == 'svg'; assert matplotlib.get_backend() == 'svg'"
    )
    env = {**os.environ, "MPLBACKEND": "svg"}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)


def test_a_configuration_that_is_no_text_is_one_sentence(tmp_path):
    (tmp_path / "rc").write_bytes(b"\xff\xfe")
    code = "from minigan.reports.figures import plots; plots.drawn(lambda figure: None, '.png')"
    env = {**os.environ, "MATPLOTLIBRC": str(tmp_path / "rc")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert "UserError: Matplotlib cannot be imported" in done.stderr
