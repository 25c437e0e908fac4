"""Every row of the iteration table was verified, and a wrong iteration is never timed."""

from __future__ import annotations

import pytest

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.bench import iteration as module
from minigan.bench.checks import WrongResult
from minigan.bench.iteration import iteration, player, verified
from minigan.bench.limit import Limit
from minigan.bench.setting import game, mnist_2014, networks, random_images
from minigan.game import Game


@pytest.fixture(autouse=True)
def _few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IMAGES", 50)


def test_a_row_for_each_schedule_size_and_candidate_with_its_check() -> None:
    table = iteration(tuple(UPDATE_ORDERS), (3, 5), rounds=2, at_least=0, width=1 / 40)
    assert len(table.rows) == 2 * 2 * 4
    for what, check, apart in zip(
        table.column("what"), table.column("check"), table.column("max difference"), strict=True
    ):
        assert check
        if str(what).startswith("minigan"):
            assert isinstance(apart, float)
            assert 0 < apart < 1e-3


def test_ratios_are_those_of_the_medians() -> None:
    table = iteration(["algorithm1"], (3,), rounds=3, at_least=0, width=1 / 40)
    medians = dict(zip(table.column("what"), table.column("median"), strict=True))
    for what, to_products, to_limit in zip(
        table.column("what"), table.column("/ products"), table.column("/ limit"), strict=True
    ):
        assert to_products == pytest.approx(medians[what] / medians["products"])
        assert to_limit == pytest.approx(medians[what] / medians["limit"])


def test_speeds_are_operations_and_images_per_median_second() -> None:
    table = iteration(["simultaneous"], (3,), rounds=3, at_least=0, width=1 / 40)
    flop = Limit("simultaneous", *networks(mnist_2014("simultaneous", 3, 1 / 40)), 3).flop
    for milliseconds, speed, images in zip(
        table.column("median"), table.column("speed"), table.column("images"), strict=True
    ):
        assert speed == pytest.approx(flop / 1e6 / milliseconds)
        assert images == pytest.approx(3 * 1000 / milliseconds)


@pytest.mark.parametrize("stands_still", ["player_g", "player_d"])
@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_an_iteration_in_which_a_player_does_not_move_is_found_out(
    schedule: str, stands_still: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = UPDATE_ORDERS[schedule]

    def wrong(played: Game, t: int) -> object:
        theta = getattr(played, stands_still).theta
        before = theta.vector.copy()
        logits = right(played, t)
        theta.assign(before)
        return logits

    monkeypatch.setitem(UPDATE_ORDERS, schedule, wrong)
    with pytest.raises(WrongResult, match=f"{schedule} with m = 4"):
        verified(mnist_2014(schedule, 4, 1 / 40), random_images(20))


def test_a_player_goes_on_from_iteration_to_iteration() -> None:
    recipe = mnist_2014("algorithm1", 4, 1 / 40)
    played = game(recipe, random_images(20))
    play = player(recipe, played)
    for _ in range(3):
        play()
    assert (played.player_d.updates, played.player_g.updates) == (3, 3)
