"""The picture of the errors: its panels, and that no setting of the user reaches it."""

import dataclasses
import io
import math
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from minigan.errors import UserError
from minigan.gradcheck import plot
from minigan.gradcheck.report import Report, Row

ROW = Row("W", (2, 3), "complex step", 6, 6, 2.0, 2.0, 1e-3, 1e-10, "FAIL")


def row_of(errors, **changes):
    errors = np.asarray(errors, dtype=float)
    return dataclasses.replace(ROW, shape=errors.shape, errors=errors, **changes)


def panel_of(row):
    figure = Figure()
    axes = figure.add_subplot()
    plot.draw_row(axes, row)
    return axes


def picture_of(path, *rows):
    plot.plot_errors(Report(rows), path / "errors.png")
    return (path / "errors.png").read_bytes()


def test_a_matrix_is_an_image_of_log10_errors_with_grey_gaps():
    axes = panel_of(row_of([[1e-3, 0, math.nan], [1e-16, math.inf, 10]]))
    (image,) = axes.images
    shown = image.get_array()
    assert np.array_equal(shown.mask, [[False, False, True], [False, False, False]])
    assert np.allclose(shown.filled(5), [[-3, -17, 5], [-16, 0, 0]])
    assert image.get_clim() == (-17, 0)
    assert mpl.colors.to_hex(axes.get_facecolor()) == plot.GREY
    assert axes.get_title() == "W: FAIL, error 1.0e-03\n2x3"


def test_more_axes_are_flattened_and_the_title_says_so():
    errors = 10.0 ** -np.arange(24).reshape(2, 3, 2, 2)
    axes = panel_of(row_of(errors))
    assert np.allclose(axes.images[0].get_array()[1], np.clip(-np.arange(12, 24), -17, 0))
    assert axes.get_title().endswith("\n2x3x2x2 drawn as 2x12")


@pytest.mark.parametrize("errors", [[1e-3, math.nan, 1e-5], 1e-3])
def test_a_vector_or_a_number_is_a_line_per_entry(errors):
    axes = panel_of(row_of(errors))
    missing, compared = axes.collections
    lines = [[tuple(point) for point in line] for line in compared.get_segments()]
    if np.ndim(errors):
        assert lines == [[(0, -17), (0, -3)], [(2, -17), (2, -5)]]
        assert [line[:, 0].tolist() for line in missing.get_segments()] == [[1, 1]]
        assert mpl.colors.to_hex(missing.get_color()[0]) == plot.GREY
    else:
        assert lines == [[(0, -17), (0, -3)]]


def test_of_a_large_array_each_pixel_is_the_largest_error_of_its_block():
    image = np.full((382, 3), math.nan)
    image[380, 1], image[379, 1], image[0, 0] = -5.0, -9.0, -2.0
    small = plot.reduced(image)
    assert small.shape == (128, 3)
    assert (small[126, 1], small[0, 0]) == (-5, -2)
    assert np.count_nonzero(~np.isnan(small)) == 2


def test_there_is_a_panel_for_each_input_with_errors(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(plot, "draw_row", lambda axes, row: drawn.append(row.name))
    rows = [row_of([1.0], name=str(i), verdict="pass") for i in range(7)]
    bad = row_of([1.0], name="bad")
    picture_of(tmp_path, *rows[:3], ROW, row_of(np.ones((0, 3)), name="empty"), bad)
    assert drawn == ["0", "1", "2", "bad"]
    drawn.clear()
    monkeypatch.setattr(plot, "MOST_PANELS", 5)
    picture_of(tmp_path, *rows, bad)
    assert drawn == ["bad", *map(str, range(4))]


def test_a_report_without_errors_is_a_picture_too(tmp_path):
    for rows in ((), (ROW,)):
        with Image.open(io.BytesIO(picture_of(tmp_path, *rows))) as picture:
            assert picture.format == "PNG"


@pytest.mark.parametrize("name", ["$x$", "a_$\\frac$^{", "入力", "é θ", "\x1b\n\ud800", "x" * 99])
def test_no_name_breaks_the_picture(tmp_path, name):
    assert picture_of(tmp_path, row_of([[1.0]], name=name)).startswith(b"\x89PNG")


def test_the_settings_of_the_user_change_nothing_and_are_kept(tmp_path):
    rows = row_of([[1e-3, math.nan]]), row_of([1e-3])
    expected = picture_of(tmp_path, *rows)
    mine = {"font.size": 30, "axes.facecolor": "red", "text.usetex": True, "figure.dpi": 20,
            "image.cmap": "gray", "image.origin": "lower", "savefig.dpi": 10}  # fmt: skip
    with mpl.rc_context(mine):
        assert picture_of(tmp_path, *rows) == expected
        assert {name: mpl.rcParams[name] for name in mine} == mine


def test_pyplot_is_not_imported(tmp_path):
    code = (
        "import sys; from pathlib import Path; from minigan.gradcheck import plot, Report; "
        "assert 'matplotlib' not in sys.modules; "
        "plot.plot_errors(Report(()), Path(sys.argv[1])); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code, tmp_path / "x.png"], check=True)


def test_without_matplotlib_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"pip install matplotlib"):
        picture_of(tmp_path, ROW)
