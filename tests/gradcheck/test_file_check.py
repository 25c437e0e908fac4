"""check_file: which functions of a file are pairs, how they are called, and what is refused."""

from dataclasses import replace

import pytest

from minigan.gradcheck import GradcheckInputError, Report, check_file, file_check
from minigan.gradcheck.checking import check as check_at

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
SEVERAL = """
import numpy as np

def square_forward(x): return x**2
def square_backward(dy, x): return 2 * x * dy
def square_example(rng): return (rng.normal(size=3),)

def forward_cube(x, targets): return x**3
def backward_cube(dy, x, targets): return 2 * x**2 * dy, None
constant = ("targets",)
def example_cube(): return np.array([1.0, 2.0]), np.ones(2)
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="mylayer.py"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """The options of every call of `check`, whose report says that it took 1.5 s."""
    calls = []

    def check(forward, backward, *, example, points, tick, one_of_several, **options):
        calls.append({"points": points, **options})
        tick()
        known = {"constant": options["constant"], "one_of_several": one_of_several}
        report = check_at(forward, backward, example=example, points=points, **known)
        return replace(report, seconds=1.5)

    monkeypatch.setattr(file_check, "check", check)
    return calls


def test_a_correct_file_passes(write):
    report = check_file(write(GOOD))
    assert report
    assert [row.name for row in report.rows] == ["x", "W"]
    assert check_file(str(write(GOOD)))


def test_a_wrong_gradient_is_reported_and_not_raised(write):
    report = check_file(write(GOOD.replace("dy @ W.T", "-dy @ W.T")))
    assert not report
    assert report.rows[0].diagnosis.startswith("wrong sign")


def test_the_options_reach_check(write, calls):
    check_file(write(GOOD))
    check_file(write(GOOD), tolerance=1e-3, seed=5, max_seconds=2.0, constant=("W",))
    first = {"points": 3, "constant": (), "max_seconds": 10.0, "tolerance": None, "seed": 0}
    assert calls[0] == first
    assert calls[1] == first | {
        "constant": ("W",),
        "max_seconds": 2.0,
        "tolerance": 1e-3,
        "seed": 5,
    }


def test_an_example_with_a_generator_gives_several_points(write, calls):
    drawn = GOOD.replace("example()", "example(rng)").replace("rng = np.random", "np.random")
    assert check_file(write(drawn)).points == 3
    assert check_file(write(drawn), points=7).points == 7
    assert check_file(write(drawn.replace("(rng)", "(rng=None, n=3)")), points=2).points == 2
    assert check_file(write(GOOD.replace("example()", "example(n=4)"))).points == 1
    assert [call["points"] for call in calls] == [3, 7, 2, 3]


def test_several_pairs_are_rows_with_names(write, calls):
    report = check_file(write(SEVERAL))
    found = [(row.name, row.verdict) for row in report.rows]
    names = ["square: x", "cube: x", "cube: targets"]
    assert found == list(zip(names, ["pass", "FAIL", "not differentiated"], strict=True))
    assert (report.points, report.seconds) == (3, 3.0)
    assert [call["points"] for call in calls] == [3, 3, 3]


def test_a_single_pair_with_a_name_has_plain_rows(write):
    assert check_file(write(SEVERAL.split("def forward_cube")[0])).rows[0].name == "x"


@pytest.mark.parametrize("value", ["('targets',)", "['targets']", "'targets'"])
def test_constants_of_the_file_and_of_the_call_may_be_inputs_of_any_pair(write, calls, value):
    file = write(f"{SEVERAL}\nconstant = {value}")
    check_file(file, constant=["x"])
    assert [list(call["constant"]) for call in calls] == [["targets", "x"]] * 2
    with pytest.raises(GradcheckInputError, match=r"mylayer.py: constant contains 'target', but"):
        check_file(file, constant=["target"])


def test_a_constant_that_is_no_name_is_a_variable_of_the_file(write, calls):
    assert check_file(write(GOOD + "\nconstant = 0.5\n"))
    assert calls[0]["constant"] == ()


def test_a_layer_is_checked_as_an_object(write, monkeypatch):
    seen = []

    def check_layer(layer, x, **options):
        seen.append((layer.scale, x.shape, options))
        return Report(())

    monkeypatch.setattr(file_check, "check_layer", check_layer)
    text = """
class Scale:
    def __init__(self, scale): self.scale = scale
    def forward(self, x): return self.scale * x
    def backward(self, dy): return self.scale * dy
def layer(rng): return Scale(3.0)
def example(rng): return rng.normal(size=(2, 3))
def big_layer(): return Scale(100.0)
def big_example(): return (__import__("numpy").ones(4),)
"""
    check_file(write(text), seed=2)
    options = {"tolerance": None, "seed": 2, "max_seconds": 10.0, "constant": ()}
    for _, _, given in seen:
        del given["tick"], given["one_of_several"]
    assert seen == [(3.0, (2, 3), options), (100.0, (4,), options)]


def test_helper_functions_are_no_pairs(write):
    helpers = """
def backward_input(dy, W): return dy @ W.T
def _conv_forward(x): pass
def _conv_backward(dy): pass
def layer_norm(x): pass
from minigan.layers.relu import forward as relu_forward
from minigan.layers.relu import backward_input as relu_backward
layer_sizes = example_text = (1, 2)
"""
    assert [row.name for row in check_file(write(GOOD + helpers)).rows] == ["x", "W"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("forward = 3\n", "forward() and backward() and example();"),
        (GOOD.replace("def example", "def exemple"), "example();"),
        (SEVERAL.replace("square_example", "square_exemple"), "square_example();"),
        (SEVERAL.replace("backward_cube", "backwrd_cube"), "cube_backward();"),
        ("def layer(): pass\n", "example();"),
        (
            GOOD + "def tanh_layer(): pass\ndef tanh_forward(): pass\n",
            "tanh_backward() and tanh_ex",
        ),
    ],
)
def test_an_incomplete_pair_is_refused_with_what_is_missing(write, text, missing):
    with pytest.raises(GradcheckInputError) as caught:
        check_file(write(text))
    assert f"mylayer.py: does not define {missing}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("return x @ W", "return x @ x"),
            "line 5: the code raised ValueError: matmul",
        ),
        (GOOD.replace("dy @ W.T,", "dy @ V.T,"), "line 8: the code raised NameError: name 'V'"),
        (GOOD.replace("(0)", "('a')"), "line 11: the code raised TypeError"),
        (GOOD.replace("return x @ W", "return x.astype(int)"), "forward returned int64"),
        (GOOD + "\nexample = lambda: (1, 2)\n", "mylayer.py: there is no floating input"),
        (
            SEVERAL.replace("(rng.normal(size=3),)", "3.0"),
            r"mylayer.py: square: example\(\) returned float; it must return the tuple",
        ),
    ],
)
def test_a_wrong_function_is_one_sentence_with_file_and_line(write, text, message):
    with pytest.raises(GradcheckInputError, match=message) as caught:
        check_file(write(text))
    assert "mylayer.py" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_progress_is_shown_only_if_asked_for(write, capsys):
    check_file(write(SEVERAL))
    assert capsys.readouterr().err == ""
    check_file(write(SEVERAL), quiet=False)
    assert "derivatives" in capsys.readouterr().err
