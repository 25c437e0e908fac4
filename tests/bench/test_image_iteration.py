"""An iteration of the recipes for CIFAR-10 is timed only after the check of both gradients."""

from __future__ import annotations

from typing import Any

import pytest

from minigan.bench import image_iteration as module
from minigan.bench.checks import WrongResult
from minigan.bench.image_iteration import PUBLISHED, SMALL, image_iteration_table
from minigan.bench.limit import Limit
from minigan.bench.setting import cifar, networks
from minigan.training import recipes

TINY = 1 / 40


@pytest.fixture(autouse=True)
def _few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IMAGES", 20)


def test_each_recipe_has_four_rows_and_those_of_minigan_their_check() -> None:
    table = image_iteration_table(SMALL, (3,), rounds=2, at_least=0, width=TINY)
    assert table.column("m") == [3] * 8
    names = ("minigan, drawn", "minigan, given", "products", "limit")
    assert table.column("recipe") == [recipe for recipe in SMALL for _ in names]
    assert table.column("what") == [*names, *names]
    assert all(table.column("check"))
    for what, difference in zip(table.column("what"), table.column("max difference"), strict=True):
        if str(what).startswith("minigan"):
            assert isinstance(difference, float)
            assert 0 <= difference < 1e-3
    medians = [float(str(median)) for median in table.column("median")]
    for i, (to_products, to_limit) in enumerate(
        zip(table.column("/ products"), table.column("/ limit"), strict=True)
    ):
        products, limit = medians[4 * (i // 4) + 2 : 4 * (i // 4) + 4]
        assert to_products == pytest.approx(medians[i] / products)
        assert to_limit == pytest.approx(medians[i] / limit)
        recipe = cifar(SMALL[i // 4], TINY, 3)
        flop = Limit("simultaneous", *networks(recipe), 3).flop
        assert table.column("speed")[i] == pytest.approx(flop / 1e6 / medians[i])


def test_each_minibatch_size_is_measured_once_and_0_is_that_of_the_recipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[int] = []
    monkeypatch.setattr(module, "IMAGES", 100)
    monkeypatch.setattr(module, "verify_slopes", lambda *_: 0.0)
    monkeypatch.setattr(
        module, "timed_rows", lambda key, recipe, *_, **__: measured.append(recipe.training.m) or []
    )
    image_iteration_table(("cifar10-small",), (32, 0, 100), rounds=1, at_least=0, width=TINY)
    assert measured == [32, 100]  # the m of cifar10-small.toml is 100


@pytest.mark.parametrize("player", ["D", "G"])
def test_a_wrong_gradient_is_not_timed(player: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(module, f"gradient_of_{player}")

    def wrong(*arguments: Any) -> Any:
        gradient = right(*arguments)
        gradient.vector[...] *= 1.01
        return gradient

    monkeypatch.setattr(module, f"gradient_of_{player}", wrong)
    with pytest.raises(WrongResult, match=f"cifar10-conv-small, the gradient of {player}"):
        image_iteration_table(("cifar10-conv-small",), (3,), rounds=1, at_least=0, width=TINY)


def test_the_published_recipes_are_measured_without_a_penalty_as_the_small_ones() -> None:
    for name in (*SMALL, *PUBLISHED):
        assert cifar(name).discriminator.penalty == ""
        assert cifar(name).training.schedule == "simultaneous"
        assert cifar(name).training.m == recipes.load(name).training.m
