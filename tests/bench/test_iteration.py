"""Every row of the iteration table is verified, and a wrong iteration is never timed."""

from __future__ import annotations

import pytest

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import iteration as module
from minigan.bench.checks import WrongResult
from minigan.bench.iteration import iteration_runner, iteration_table, verify_iteration
from minigan.bench.limit import Limit
from minigan.bench.setting import mnist_2014, networks, new_game, random_images
from minigan.game import Game


@pytest.fixture(autouse=True)
def _few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IMAGES", 50)


def test_each_update_order_size_and_candidate_has_a_row_with_its_check() -> None:
    table = iteration_table(tuple(UPDATE_ORDERS), (3, 5), rounds=2, at_least=0, width=1 / 40)
    assert len(table.rows) == 2 * 2 * 4
    for what, check, difference in zip(
        table.column("what"), table.column("check"), table.column("max difference"), strict=True
    ):
        assert check
        if str(what).startswith("minigan"):
            assert isinstance(difference, float)
            assert 0 < difference < 1e-3


def test_ratios_are_ratios_of_medians() -> None:
    table = iteration_table(["algorithm1"], (3,), rounds=3, at_least=0, width=1 / 40)
    medians = dict(zip(table.column("what"), table.column("median"), strict=True))
    for what, to_products, to_limit in zip(
        table.column("what"), table.column("/ products"), table.column("/ limit"), strict=True
    ):
        assert to_products == pytest.approx(medians[what] / medians["products"])
        assert to_limit == pytest.approx(medians[what] / medians["limit"])


def test_speeds_are_operations_and_images_per_median_second() -> None:
    table = iteration_table(["simultaneous"], (3,), rounds=3, at_least=0, width=1 / 40)
    flop = Limit("simultaneous", *networks(mnist_2014("simultaneous", 3, 1 / 40)), 3).flop
    for milliseconds, speed, images in zip(
        table.column("median"), table.column("speed"), table.column("images"), strict=True
    ):
        assert speed == pytest.approx(flop / 1e6 / milliseconds)
        assert images == pytest.approx(3 * 1000 / milliseconds)


@pytest.mark.parametrize("fixed_player", ["player_g", "player_d"])
@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_an_iteration_that_does_not_move_a_player_is_detected(
    schedule: str, fixed_player: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct = UPDATE_ORDERS[schedule]

    def wrong(game: Game, t: int) -> object:
        theta = getattr(game, fixed_player).theta
        before = theta.vector.copy()
        logits = correct(game, t)
        theta.assign(before)
        return logits

    monkeypatch.setitem(UPDATE_ORDERS, schedule, wrong)
    with pytest.raises(WrongResult, match=f"{schedule} with m = 4"):
        verify_iteration(mnist_2014(schedule, 4, 1 / 40), random_images(20))


def test_the_runner_runs_the_next_iteration_at_each_call() -> None:
    recipe = mnist_2014("algorithm1", 4, 1 / 40)
    game = new_game(recipe, random_images(20))
    next_iteration = iteration_runner(recipe, game)
    for _ in range(3):
        next_iteration()
    assert (game.player_d.updates, game.player_g.updates) == (3, 3)
