"""Every layer for images is checked before it is timed; sizes, operations and bytes by hand."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.bench.checks import WrongResult
from minigan.bench.image_layers import image_layer_table, image_networks
from minigan.bench.layers import layer_passes
from minigan.layers import max_pooling


def test_every_layer_has_its_passes_and_every_row_its_check() -> None:
    table = image_layer_table(2, scale=16, rounds=1, at_least=0)
    passes = list(zip(table.column("layer"), table.column("pass"), strict=True))
    three, two = ("forward", "input", "params"), ("forward", "input")
    expected = [("G deconvolution1", kind) for kind in three]
    for i in (1, 2, 3):
        expected += [(f"D convolution{i}", kind) for kind in three]
        expected += [
            (f"D {one}{i}", kind) for one in ("channelmaxout", "maxpooling") for kind in two
        ]
    assert passes == expected
    assert all(0 <= difference < 1e-5 for difference in table.column("max difference"))


def test_the_networks_have_the_published_sizes() -> None:
    G, D = image_networks()
    assert G.widths == [8000, 3072]
    assert D.widths[-1] == 192 * 5 * 5
    assert [D.shapes[f"convolution{i}.W"] for i in (1, 2, 3)] == [
        *((8, 8, 3, 64), (8, 8, 32, 64), (5, 5, 32, 384))
    ]


def test_operations_bytes_and_patches_as_computed_by_hand() -> None:
    G, D = image_networks(16)
    passes = {(name, one.kind): one for net in (G, D) for name, _, one in layer_passes(net, 2)}
    for kind in ("forward", "input", "params"):
        one = passes["convolution1", kind]
        assert one.flop == 2 * (2 * 33 * 33) * (8 * 8 * 3) * 4
        assert one.patches == 4 * (2 * 33 * 33) * (8 * 8 * 3)
        assert one.bytes == 4 * (2 * 3072 + 8 * 8 * 3 * 4 + 2 * 33 * 33 * 4)
        one.limit()()
        one = passes["deconvolution1", kind]
        assert one.flop == 2 * (2 * 100) * 75 * 5
        assert one.patches == 4 * (2 * 100) * 75
        one.limit()()
    of_pooling = 2 * (33 * 33 + 16 * 16) * 2
    assert passes["maxpooling1", "forward"].bytes == 4 * of_pooling
    assert passes["maxpooling1", "input"].bytes == 4 * 2 * of_pooling


def test_a_wrong_layer_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = max_pooling.forward
    monkeypatch.setattr(
        max_pooling, "forward", lambda x, w, *, out: np.add(right(x, w), 1, out=out)
    )
    with pytest.raises(WrongResult, match="D maxpooling1, forward"):
        image_layer_table(2, scale=16, rounds=1, at_least=0)
