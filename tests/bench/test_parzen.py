"""The Parzen table: verified with the broadcast form, and a limit of the right size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigan.bench import parzen as module
from minigan.bench.checks import WrongResult
from minigan.bench.parzen import Sizes, broadcast, parzen_table
from minigan.evaluation.parzen import log_likelihoods

SIZES = Sizes(40, 8, 12, 5, few_images=4, few_samples=10)


def test_the_rows_are_the_protocol_and_the_small_case_each_with_its_limit() -> None:
    others = {"another": lambda *inputs: broadcast(*inputs) + 0.001}
    table = parzen_table(SIZES, rounds=2, others=others)
    assert [row[:2] + row[3:4] for row in table.rows] == [
        *((20, 40, what) for what in ("minigan", "limit")),
        *((4, 10, what) for what in ("minigan", "broadcast", "another", "limit")),
    ]
    checked = {row[3]: row[-1] for row in table.rows}
    assert checked["limit"] is None
    assert checked["broadcast"] == 0
    assert checked["another"] == pytest.approx(0.001)
    assert all(peak is not None and float(peak) > 0 for peak in table.column("peak"))


def test_a_wrong_estimator_is_not_timed() -> None:
    with pytest.raises(WrongResult, match="another"):
        parzen_table(SIZES, rounds=1, others={"another": lambda *inputs: broadcast(*inputs) + 0.02})


def test_the_broadcast_form_is_an_independent_double_precision_estimate() -> None:
    rng = np.random.default_rng(0)
    x, samples = rng.random((3, 4)), rng.random((6, 4))
    expected = log_likelihoods(x, samples, np.array([0.3]), np.float64)[0]
    np.testing.assert_allclose(broadcast(x, samples, 0.3), expected, rtol=1e-12)


def test_the_limit_has_every_product_and_one_exponential_per_pair_and_sigma(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    products, exponentials = [], []
    matmul, exp = np.matmul, np.exp

    def counted_matmul(a: Any, b: Any, out: Any) -> Any:
        products.append((len(a), b.shape[1]))
        return matmul(a, b, out=out)

    def counted_exp(a: Any, out: Any) -> Any:
        exponentials.append(a.size)
        return exp(a, out=out)

    samples = np.ones((40, 5), "f")
    parts = [(np.ones((8, 5), "f"), samples, 10), (np.ones((12, 5), "f"), samples, 1)]
    work = module._limit(parts)
    monkeypatch.setattr(np, "matmul", counted_matmul)
    monkeypatch.setattr(np, "exp", counted_exp)
    work()
    assert products == [(8, 40), (12, 40)]
    assert sum(exponentials) == 8 * 40 * 10 + 12 * 40
