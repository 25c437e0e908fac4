"""`minigan gradcheck`: the gradients of minigan, and of a Python file."""

from __future__ import annotations

from refused import refused

from minigan import cli

GRADCHECKED = """
import numpy as np

def forward(x, W):
    return x @ W

def backward(dy, x, W):
    return dy @ W.T, {factor} * x.T @ dy

def example():
    return np.ones((2, 3)) * [[1], [2]], np.arange(6.0).reshape(3, 2)
"""


def test_without_a_file_every_gradient_of_minigan_is_checked(capsys):
    assert cli.main(["gradcheck"]) == 0
    out = capsys.readouterr().out
    for name in ("linear: W", "maxout: x", "V: a_real", "D step, V: linear1.W", "simultaneous"):
        assert name in out
    assert "FAIL" not in out


def test_a_file_passes_fails_or_is_refused_with_the_reason(capsys, tmp_path):
    (tmp_path / "right.py").write_text(GRADCHECKED.format(factor="1"))
    (tmp_path / "wrong.py").write_text(GRADCHECKED.format(factor="-1"))
    (tmp_path / "broken.py").write_text("def forward(")
    assert cli.main(["gradcheck", "right.py"]) == 0
    assert cli.main(["gradcheck", "wrong.py"]) == 1
    assert "wrong sign" in capsys.readouterr().out
    assert "line 1" in refused(capsys, ["gradcheck", "broken.py"])
    assert "no such file" in refused(capsys, ["gradcheck", "missing.py"])
