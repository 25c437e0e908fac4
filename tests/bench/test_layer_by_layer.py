"""The passes of the layers add up to the iteration, and their limits to its limit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "layer_by_layer.py"
OF_D = ("convolution", "linear")


def test_the_passes_add_up_to_the_iteration_and_have_the_limits_of_their_products() -> None:
    out = subprocess.run(
        [sys.executable, str(SCRIPT), "--m", "2", "--rounds", "1"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = [line.strip("|").split("|") for line in out.splitlines()[2:]]
    found = {(layer.strip(), kind.strip()): (ms, limit) for layer, kind, ms, limit in rows}
    whole, _ = found.pop(("the iteration", ""))
    assert sum(float(ms) for ms, _ in found.values()) == pytest.approx(float(whole), abs=0.2)
    limited = {part for part, (_, limit) in found.items() if limit.strip()}
    inner = ("G linear2", "G deconvolution1", *(f"D {name}{i}" for i in (1, 2) for name in OF_D))
    with_products = {(layer, kind) for layer in inner for kind in ("forward", "input", "params")}
    first = {("G linear1", "forward"), ("G linear1", "params")}  # whose dx nothing needs
    assert limited == {*with_products, *first, ("the rest", "")}
    assert {part for part in found if "pooling" in part[0]} == {
        (f"D maxpooling{i}", kind) for i in (1, 2) for kind in ("forward", "input")
    }
