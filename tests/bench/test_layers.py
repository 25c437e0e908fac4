"""Every pass of every layer is in the table, checked, with its operations and bytes."""

from __future__ import annotations

import pytest

from minigan.bench.checks import WrongResult
from minigan.bench.layers import layers, passes
from minigan.bench.setting import mnist_2014, networks
from minigan.layers import maxout

RECIPE = mnist_2014("algorithm1", 4, 1 / 40)


def test_every_layer_has_its_passes_and_every_row_its_check() -> None:
    table = layers(RECIPE, rounds=2, at_least=0)
    G, D = networks(RECIPE)
    wanted = [
        (f"{player} {name}", kind)
        for player, network in (("G", G), ("D", D))
        for name in network.names
        for kind in ("forward", "input", "params")
        if kind != "params" or name.startswith("linear")
    ]
    assert list(zip(table.column("layer"), table.column("pass"), strict=True)) == wanted
    assert all(table.column("check"))
    assert all(
        isinstance(apart, float) and apart < 1e-5 for apart in table.column("max difference")
    )
    assert {row[2] for row in table.rows if str(row[0]).startswith("D")} == {8}


def test_operations_and_bytes_of_a_linear_layer_by_hand() -> None:
    G, _ = networks(RECIPE)
    works = {(name, work.kind): work for name, _, work in passes(G, 4)}
    forward = works["linear1", "forward"]
    assert forward.flop == 2 * 4 * 100 * 30
    assert forward.bytes == 4 * (4 * 100 + 100 * 30 + 4 * 30)
    assert works["relu1", "forward"].bytes == 4 * 2 * 4 * 30
    assert works["relu1", "forward"].flop == 0


def test_bytes_of_dropout_count_its_mask_and_those_of_maxout_both_its_sides() -> None:
    _, D = networks(RECIPE)
    works = {(name, work.kind): work for name, _, work in passes(D, 8)}
    assert works["dropout1", "forward"].bytes == 8 * 784 * (4 + 1 + 4)
    assert works["maxout1", "input"].bytes == 4 * 8 * (6 + 30 + 6 + 30)


def test_a_layer_that_is_wrong_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(x: object, pieces: int, *, out: object = None) -> object:
        out[...] = x[:, : out.shape[1]]
        return out

    monkeypatch.setattr(maxout, "forward", wrong)
    with pytest.raises(WrongResult, match="D maxout1, forward"):
        layers(RECIPE, rounds=1, at_least=0)
