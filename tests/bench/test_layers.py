"""The table has every pass of every layer, with its check, its operations and its bytes."""

from __future__ import annotations

import pytest

from minigan.bench.checks import WrongResult
from minigan.bench.layers import layer_passes, layer_table
from minigan.bench.setting import mnist_2014, networks
from minigan.layers import maxout

RECIPE = mnist_2014("algorithm1", 4, 1 / 40)


def test_every_layer_has_its_passes_and_every_row_its_check() -> None:
    table = layer_table(RECIPE, rounds=2, at_least=0)
    G, D = networks(RECIPE)
    expected = [
        (f"{player} {name}", kind)
        for player, network in (("G", G), ("D", D))
        for name in network.names
        for kind in ("forward", "input", "params")
        if kind != "params" or name.startswith("linear")
    ]
    assert list(zip(table.column("layer"), table.column("pass"), strict=True)) == expected
    assert all(table.column("check"))
    assert all(
        isinstance(difference, float) and difference < 1e-5
        for difference in table.column("max difference")
    )
    assert {row[2] for row in table.rows if str(row[0]).startswith("D")} == {8}


def test_operations_and_bytes_of_a_linear_layer_as_computed_by_hand() -> None:
    G, _ = networks(RECIPE)
    passes = {(name, one.kind): one for name, _, one in layer_passes(G, 4)}
    forward = passes["linear1", "forward"]
    assert forward.flop == 2 * 4 * 100 * 30
    assert forward.bytes == 4 * (4 * 100 + 100 * 30 + 4 * 30)
    assert passes["relu1", "forward"].bytes == 4 * 2 * 4 * 30
    assert passes["relu1", "forward"].flop == 0


def test_the_bytes_of_dropout_include_its_mask_and_those_of_maxout_its_input_and_output() -> None:
    _, D = networks(RECIPE)
    passes = {(name, one.kind): one for name, _, one in layer_passes(D, 8)}
    assert passes["dropout1", "forward"].bytes == 8 * 784 * (4 + 1 + 4)
    assert passes["maxout1", "input"].bytes == 4 * 8 * (6 + 30 + 6 + 30)


def test_a_wrong_layer_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(x: object, pieces: int, *, out: object = None) -> object:
        out[...] = x[:, : out.shape[1]]
        return out

    monkeypatch.setattr(maxout, "forward", wrong)
    with pytest.raises(WrongResult, match="D maxout1, forward"):
        layer_table(RECIPE, rounds=1, at_least=0)
