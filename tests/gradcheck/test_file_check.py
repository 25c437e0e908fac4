"""check_file on valid files, and one clear sentence for each kind of invalid file."""

import sys

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError, check_file

GOOD = """
import numpy as np

def forward(x, W):
    return x @ W

def backward(dy, x, W):
    return dy @ W.T, x.T @ dy

def example():
    rng = np.random.default_rng(0)
    return rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="mylayer.py"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_a_correct_file_passes(write):
    report = check_file(write(GOOD))
    assert report
    assert [row.name for row in report.rows] == ["x", "W"]
    assert check_file(str(write(GOOD)))


def test_a_wrong_gradient_is_reported_and_not_raised(write):
    report = check_file(write(GOOD.replace("dy @ W.T", "-dy @ W.T")))
    assert not report
    assert "wrong sign" in str(report)


def test_a_file_may_import_from_its_folder_and_sys_is_unchanged(write):
    write("from math import pi\n", "neighbour_of_mylayer.py")
    path, file = list(sys.path), write("import neighbour_of_mylayer\n" + GOOD)
    assert check_file(file)
    assert sys.path == path
    assert "mylayer" not in sys.modules
    del sys.modules["neighbour_of_mylayer"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def forward(x:\n  pass", "mylayer.py, line 1: invalid Python"),
        ("x = 1\n\nx = 1 +\n", "mylayer.py, line 3: invalid Python"),
        (
            "x = 1\ny = 1 / 0\n",
            "mylayer.py, line 2: the code raised ZeroDivisionError: division by",
        ),
        ("import no_such_module_at_all\n", "mylayer.py, line 1: the code raised ModuleNotFoundErr"),
        ("raise SystemExit(3)\n", "mylayer.py, line 1: the code raised SystemExit: 3"),
        ("forward = 3\n", r"does not define forward\(\) and backward\(\) and example\(\)"),
        (GOOD.replace("def example", "def exemple"), r"does not define example\(\); a file to"),
        (GOOD.replace("return rng.normal(size=(4, 3)), ", "return "), "returned ndarray; it must"),
        (GOOD.replace("return rng", "rng"), "returned NoneType; it must return the tuple"),
        (
            GOOD.replace("return x @ W", "return x @ x"),
            "line 5: the code raised ValueError: matmul",
        ),
        (GOOD.replace("dy @ W.T,", "dy @ V.T,"), "line 8: the code raised NameError: name 'V'"),
        (GOOD.replace("(0)", "('a')"), "line 11: the code raised TypeError"),
        (GOOD.replace("return x @ W", "return x, W"), "forward returned a tuple of 2 items"),
        (GOOD + "\nexample = lambda: (1, 2)\n", "mylayer.py: there is no floating input"),
    ],
)
def test_an_invalid_file_is_one_sentence_with_file_and_line(write, text, message):
    with pytest.raises(GradcheckInputError, match=message) as caught:
        check_file(write(text))
    assert "mylayer.py" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(GradcheckInputError, match="there is no such file"):
        check_file(tmp_path / "none.py")


def test_a_folder_or_a_binary_file_is_one_sentence(tmp_path):
    with pytest.raises(GradcheckInputError, match="cannot be read as a Python file"):
        check_file(tmp_path)
    np.save(tmp_path / "array.npy", np.ones(3))
    with pytest.raises(GradcheckInputError, match="cannot be read as a Python file"):
        check_file(tmp_path / "array.npy")


def test_null_bytes_are_invalid_python(write):
    with pytest.raises(GradcheckInputError, match=r"invalid Python|SyntaxError|ValueError"):
        check_file(write("x = 1\0"))
