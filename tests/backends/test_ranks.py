"""A run of several ranks equals the run of one: its gradients, losses and requests to stop."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
import split_game
import tiny
from softgpu import standin
from thread_ranks import on_ranks

from minigan import algorithm_1
from minigan.backends import get_backend, open_backend
from minigan.backends.cuda import fused
from minigan.backends.ranks import SummedCheck
from minigan.errors import UserError
from minigan.finite import NotFiniteError
from minigan.objectives import Equilibrium, Objective, relativistic
from minigan.objectives.penalties import R1, R1R2, WGANGP
from minigan.system.ranks import Ranks
from minigan.training.experiment import Experiment

CASES = [
    *itertools.product(("algorithm1", "simultaneous"), (1, 3), (2, 3), (7, 8)),
    ("algorithm1", 1, 5, 5),  # one row for each rank
]


@pytest.mark.parametrize(("order", "k", "size", "m"), CASES)
def test_twenty_iterations_are_those_of_one_process_to_1e_12(order, k, size, m):
    expected = split_game.states(order=order, k=k, m=m)
    found = on_ranks(size, lambda ranks: split_game.states(ranks, order=order, k=k, m=m))
    assert np.abs(expected[-1] - expected[0]).max() > 0.1  # there is something to compare
    for one in found:
        assert np.abs(one - expected).max() < 1e-12
        assert np.array_equal(one, found[0])  # the same bits on all ranks


@pytest.mark.parametrize("order", ["algorithm1", "simultaneous"])
def test_in_float32_they_agree_to_rounding(order):
    expected = split_game.states(order=order, dtype=np.float32)
    found = on_ranks(3, lambda ranks: split_game.states(ranks, order=order, dtype=np.float32))
    assert np.abs(found[0] - expected).max() < 1e-4
    assert np.array_equal(found[0], found[2])
    assert found[0].dtype == np.float32


@pytest.mark.parametrize("penalty", [R1(0.1), R1R2(0.1), WGANGP(0.1, seed=6)])
def test_penalties_work_unchanged(penalty):
    expected = split_game.states(penalty=penalty)
    found = on_ranks(3, lambda ranks: split_game.states(ranks, penalty=penalty))
    assert np.abs(expected - split_game.states()).max() > 1e-3
    for one in found:
        assert np.abs(one - expected).max() < 1e-12


@pytest.mark.parametrize("order", ["algorithm1", "simultaneous"])
def test_each_pair_of_a_relativistic_loss_is_on_one_rank(order):
    options = {"order": order, "objective": relativistic, "penalty": R1R2(0.1)}
    expected = split_game.states(**options)
    found = on_ranks(3, lambda ranks: split_game.states(ranks, **options))
    assert np.abs(expected - split_game.states(order=order, penalty=R1R2(0.1))).max() > 1e-3
    for one in found:
        assert np.abs(one - expected).max() < 1e-12


def test_each_gradient_is_sent_once_in_an_update():
    """Both ways: the parts of g to their ranks, and the sums back, of (P - 1) / P of g each."""

    def sent(ranks: Ranks) -> tuple[int, int]:
        game = split_game.game(ranks, k=3, m=8)
        begin = ranks.messages, ranks.bytes
        algorithm_1.algorithm1(game, 0)
        return ranks.messages - begin[0], ranks.bytes - begin[1]

    theta_g, theta_d = 2 * 6 + 6 + 6 * 5 + 5, 5 * 6 + 6 + 3 + 1
    padded = [-(-(theta + 2) // 4) for theta in (theta_g, theta_d)]  # g, a loss, the request
    updates = (1, 3)  # of G, of D
    expected = sum(2 * 3 * 8 * part * n for part, n in zip(padded, updates, strict=True))
    assert on_ranks(4, sent) == [(2 * 3 * 4, expected)] * 4


def test_nan_on_one_rank_is_the_same_error_on_all_before_the_update():
    def poisoned(ranks: Ranks) -> str:
        game = split_game.game(ranks)
        before = game.player_d.theta.vector.copy()
        if ranks.rank == 1:
            game.draws.draws.whole.examples.numbers[...] = np.nan
        with pytest.raises(NotFiniteError) as caught:
            algorithm_1.algorithm1(game, 0)
        assert np.array_equal(game.player_d.theta.vector, before)
        return str(caught.value)

    # Each rank has examples of its own here, as on different machines.
    assert on_ranks(3, poisoned) == ["V is nan"] * 3


def test_an_infinite_gradient_of_one_rank_is_named_on_all():
    def check(ranks: Ranks) -> str:
        game = split_game.game(ranks)
        game.dtheta_g["linear2.W"][...] = np.inf if ranks.rank else 0
        with pytest.raises(NotFiniteError) as caught:
            game.check.gradient("G", game.dtheta_g)
        return str(caught.value)

    assert on_ranks(2, check) == ["the gradient of G's linear2.W is not finite"] * 2


def test_the_losses_are_summed_with_the_shares_of_the_rows():
    def total(ranks: Ranks) -> list[tuple[str, float]]:
        game, seen = split_game.game(ranks, m=3), []  # two rows and one
        assert isinstance(game.check, SummedCheck)
        game.check.flush = lambda: seen.extend(game.check._losses)
        game.check.loss("V", 3.0 if ranks.rank == 0 else 6.0)
        game.check.gradient("D", game.dtheta_d)
        return seen

    (only,), (other,) = on_ranks(2, total)  # rank 0 has row 0, rank 1 has rows 1 and 2
    assert only == other
    assert only[0] == "V"
    assert only[1] == pytest.approx((3.0 + 2 * 6.0) / 3)


def test_a_request_to_stop_of_one_rank_reaches_all_with_the_next_gradient():
    def stops(ranks: Ranks) -> list[bool]:
        game, seen = split_game.game(ranks), []
        for t in range(4):
            algorithm_1.simultaneous(game, t)
            seen.append(ranks.stops(requested=t >= 1 and ranks.rank == 2))
        return seen

    assert on_ranks(3, stops) == [[False, False, True, True]] * 3


def test_one_rank_uses_the_parts_as_they_are():
    game = split_game.game()
    assert type(game.check).__name__ == "FiniteCheck"
    assert (game.m, type(game.draws.draws).__name__) == (7, "Minibatches")


def test_too_few_rows_and_other_draws_are_refused_by_name():
    with pytest.raises(UserError, match=r"training\.m = 2 is less than the 3 ranks: start at most"):
        on_ranks(3, lambda ranks: split_game.game(ranks, m=2))
    with pytest.raises(UserError, match="the draws Cast cannot be split over ranks"):
        on_ranks(2, lambda ranks: split_game.game(ranks, draws=split_game.Cast(None, None)))


def test_an_objective_that_is_no_mean_over_rows_is_refused_by_name():
    relative = Objective(
        "relative",
        lambda a: -a.mean(),
        lambda a, out=None: a - a.mean(),
        Equilibrium(0.0, 0.0, 0.5),
    )
    with pytest.raises(UserError, match="the objective relative is not a mean over rows"):
        on_ranks(2, lambda ranks: split_game.game(ranks, objective=relative))


SIMULTANEOUS = {"training__schedule": "simultaneous", "training__k": 1}


@pytest.mark.parametrize(
    ("kernels", "changes"),
    [(False, {}), (False, SIMULTANEOUS), pytest.param(True, SIMULTANEOUS, marks=pytest.mark.cupy)],
)
def test_each_rank_of_a_machine_has_a_gpu_and_the_numbers_of_the_cpu(
    monkeypatch, tmp_path, kernels, changes
):
    """On the stand-in for CuPy: gradients are staged through the host."""
    cupy = standin.CuPy(devices=2)
    standin.install(monkeypatch, cupy)
    if not kernels:
        monkeypatch.setattr(fused, "KERNELS", tmp_path / "kernels.cu")
    recipe = tiny.recipe(**changes)

    def trained(device: str, ranks: Ranks) -> tuple[str, dict[str, np.ndarray]]:
        backend = open_backend(device, ranks)
        experiment = Experiment.begin(recipe, 1, backend, ranks=ranks)
        for t in range(3):
            experiment.iterate(t)
        return backend.name, experiment.state()

    def one_by_one(ranks: Ranks) -> tuple[str, dict[str, np.ndarray]]:
        """The stand-in counts what it does: only one thread may use it at a time."""
        exchange = ranks._exchange

        def released(*arguments: object) -> None:
            lock.release()
            exchange(*arguments)
            lock.acquire()
            cupy.cuda.Device(ranks.local).use()  # a process has a device of its own

        ranks._exchange = released
        with lock:
            return trained("cuda", ranks)

    lock = threading.Lock()
    (_, expected), (first, one), (second, other) = (
        on_ranks(2, lambda ranks: trained("cpu", ranks))[0],
        *on_ranks(2, one_by_one),
    )
    assert first.startswith("cuda (")
    assert second.startswith("cuda:1 (")
    for name, array in expected.items():
        np.testing.assert_allclose(one[name], array, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(one[name], other[name])


def test_one_gpu_cannot_be_named_for_several_ranks(monkeypatch):
    standin.install(monkeypatch, standin.CuPy(devices=2))
    with pytest.raises(UserError, match=r"cuda:1 is one GPU, .* 2 ranks .*: use --device cuda$"):
        on_ranks(2, lambda ranks: open_backend("cuda:1", ranks))
    assert get_backend("cupy", 1).name == open_backend("cuda:1").name
