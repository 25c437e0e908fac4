"""From a recipe to the paper's networks, and from a saved state back to the same game."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tiny

from minigan import draws
from minigan.backends import open_backend
from minigan.data import digits
from minigan.draws import noise
from minigan.errors import UserError
from minigan.training.experiment import Experiment
from minigan.training.parts import Parts


def dumped(state):
    return {name: array.tobytes() for name, array in state.items()}


def iterated(experiment, start, stop):
    for t in range(start, stop):
        experiment.iterate(t)
    return experiment


def test_at_the_start_only_the_output_bias_of_G_is_not_0():
    game = tiny.experiment().game
    for player in (game.player_g, game.player_d):
        for name, array in player.theta.items():
            assert np.any(array) == (not name.endswith(".b") or (name == "linear3.b"
                                     and player is game.player_g)), name  # fmt: skip
    table = digits.load("train").pixels / 16.0
    p = np.clip(table.mean(axis=0), 0.01, 0.99)
    bias = game.player_g.theta["linear3.b"]
    np.testing.assert_allclose(bias, np.log(p) - np.log1p(-p), rtol=2e-5, atol=1e-6)


def test_the_first_weights_are_draws_of_the_seed_named_after_player_and_layer():
    game = tiny.experiment(seed=9).game
    for player, stream, spread in (
        (game.player_g, "theta_g", 0.5),
        (game.player_d, "theta_d", 0.3),
    ):
        for layer in (1, 2, 3):
            W = player.theta[f"linear{layer}.W"]
            rng = draws.generator(9, f"{stream}/linear{layer}.W", 0)
            u = rng.random(W.shape, dtype=np.float32).astype(float)
            np.testing.assert_allclose(W, spread * (2 * u - 1), rtol=1e-6)


def test_the_update_order_is_that_of_the_recipe():
    for order, k, updates in (("algorithm1", 3, (2, 6)), ("simultaneous", 1, (2, 2))):
        game = iterated(tiny.experiment(training__schedule=order, training__k=k), 0, 2).game
        assert (game.player_g.updates, game.player_d.updates) == updates


def test_the_same_seed_gives_the_same_state_and_another_seed_another():
    one, same, other = (dumped(iterated(tiny.experiment(seed), 0, 3).state()) for seed in (1, 1, 2))
    assert one == same
    assert all(one[name] != other[name] for name in ("theta_g", "theta_d", "v_g", "v_d"))


@pytest.mark.parametrize(
    "changes",
    [
        {"training__schedule": "algorithm1", "training__k": 2},
        {"training__schedule": "simultaneous", "training__k": 1},
        {"training__g_steps": 3},
        {"data__order": "epochs", "training__m": 400},
        {"discriminator__penalty": "WGANGP", "discriminator__penalty_weight": 0.3},
        tiny.ADAM | {"discriminator__clip": 0.2},
        tiny.NO_MOMENTUM | {"optimizer__kind": "rmsprop"},
    ],
)
def test_a_restored_state_continues_bit_for_bit(changes):
    straight = dumped(iterated(tiny.experiment(**changes), 0, 7).state())
    saved = iterated(tiny.experiment(**changes), 0, 3).state()
    file = io.BytesIO()
    np.savez(file, **saved)
    file.seek(0)
    fresh = tiny.experiment(**changes)
    with np.load(file) as state:
        fresh.restore(dict(state))
    assert dumped(fresh.state()) == dumped(saved)
    assert dumped(iterated(fresh, 3, 7).state()) == straight


def test_a_state_is_a_copy_that_later_iterations_do_not_change():
    game = tiny.experiment()
    saved = game.state()
    before = dumped(saved)
    iterated(game, 0, 2)
    assert dumped(saved) == before != dumped(game.state())
    game.restore(saved)
    assert dumped(game.state()) == before


def test_restore_writes_to_the_existing_parameters():
    game, other = tiny.experiment(1), tiny.experiment(2)
    view = game.game.player_d.theta["linear1.W"]
    game.restore(other.state())
    np.testing.assert_array_equal(view, other.game.player_d.theta["linear1.W"])


def lost(name):
    return lambda state: {key: array for key, array in state.items() if key != name}


def another(name, change):
    return lambda state: state | {name: change(state[name])}


@pytest.mark.parametrize(
    "spoil",
    [
        *(lost(name) for name in ("theta_g", "theta_d", "v_g", "v_d", "updates")),
        *(another(name, lambda a: a[:-1]) for name in ("theta_g", "theta_d", "v_g", "v_d")),
        another("v_d", lambda a: a.astype(np.float64)),
        another("theta_d", lambda a: a.astype(str)),
        another("theta_g", lambda a: a[:, None]),
        another("updates", lambda a: a[:1]),
        another("updates", lambda a: a.astype(np.float64)),
    ],
)
def test_a_state_that_does_not_match_is_refused_and_nothing_is_changed(spoil):
    game = tiny.experiment(1)
    before = dumped(game.state())
    with pytest.raises(UserError, match="checkpoint does not match the networks of this recipe"):
        game.restore(spoil(tiny.experiment(2).state()))
    assert dumped(game.state()) == before


def test_the_state_of_other_networks_is_refused():
    with pytest.raises(UserError, match="does not match"):
        tiny.experiment().restore(tiny.experiment(generator__hidden=[8, 5]).state())


def test_more_images_per_minibatch_than_there_are_is_refused():
    Experiment.begin(tiny.recipe(training__m=1197), 1, open_backend("cpu"))
    with pytest.raises(UserError, match=r"training\.m = 1198 is more than the 1197 training"):
        Experiment.begin(tiny.recipe(training__m=1198), 1, open_backend("cpu"))


def test_samples_use_the_seed_of_the_experiment_and_the_current_G():
    game = tiny.experiment(seed=4)
    z = noise.uniform(draws.generator(4, "noise/samples", 0), 6, 3)
    before = game.samples(6)
    np.testing.assert_array_equal(before, game.sampler.samples(z))
    game.iterate(0)
    assert not np.array_equal(game.samples(6), before)
    np.testing.assert_array_equal(game.samples(6), game.sampler.samples(z))


def test_for_points_the_linear_output_of_G_has_an_initial_bias_of_0():
    game = tiny.experiment(data__set="ring", generator__output="linear")
    assert (game.game.G.outputs, game.data.shape) == (2, (2,))
    assert not game.game.player_g.theta["linear3.b"].any()
    iterated(game, 0, 2)


R1_OF_RECIPE = {"discriminator__penalty": "R1", "discriminator__penalty_weight": 0.5}
CHANGES = [
    {"optimizer__rate": 0.2},
    {"training__g_steps": 2},
    {"prior__kind": "gaussian"},
    {"training__m": 11},
    {"training__schedule": "simultaneous", "training__k": 1},
    {"generator__activations": ["sigmoid", "relu"]},
    {"generator__output_spread": 0.25},
    tiny.DECONVOLUTION,
    tiny.CONVOLUTION,
    tiny.CONDITIONAL,
    R1_OF_RECIPE,
    {"discriminator__penalty": "R1", "discriminator__penalty_weight": 0.6},
    {"discriminator__penalty": "R2", "discriminator__penalty_weight": 0.5},
    {**R1_OF_RECIPE, "discriminator__penalty_divisor": 2.0},
    {**R1_OF_RECIPE, "discriminator__penalty_divisor": 2.0, "discriminator__penalty_floor": 0.1},
    {"discriminator__clip": 0.5},
    tiny.NO_MOMENTUM,
    tiny.ADAM,
    tiny.ADAM | {"optimizer__beta2": 0.99},
    tiny.NO_MOMENTUM | {"optimizer__kind": "rmsprop"},
]


def test_the_identity_depends_on_recipe_and_seed():
    same = tiny.experiment().identity
    assert (same.shape, same.dtype) == ((16,), np.uint8)
    for changes in ({"training__iterations": 60}, {"training__blas_threads": 2}, {"log__every": 5}):
        np.testing.assert_array_equal(tiny.experiment(**changes).identity, same)
    others = [tiny.experiment(**changes).identity for changes in CHANGES]
    others += [tiny.experiment(seed=2).identity]
    assert len({bytes(identity) for identity in [same, *others]}) == len(CHANGES) + 2


def test_the_identity_changes_with_a_single_pixel(monkeypatch):
    one = tiny.experiment().identity
    load = digits.load

    def touched(split):
        images = load(split)
        images.pixels[0, 0] ^= 1
        return images

    monkeypatch.setattr(digits, "load", touched)
    assert not np.array_equal(tiny.experiment().identity, one)


def test_the_untied_bias_of_a_deconvolution_begins_at_the_logits_of_the_mean_pixels():
    begun = tiny.experiment(**tiny.DECONVOLUTION, **tiny.CONVOLUTION)
    theta_g = begun.game.player_g.theta
    mean = digits.load("train").mean()
    clipped = np.clip(mean, 0.01, 0.99)
    back = 1 / (1 + np.exp(-theta_g["deconvolution1.b"]))
    np.testing.assert_allclose(back, clipped, rtol=1e-5)
    begun.iterate(0)
    assert begun.samples(3).shape == (3, 64)


def test_the_output_bias_of_a_conditional_G_begins_at_the_logits_of_the_mean_pixels():
    theta_g = tiny.experiment(**tiny.CONDITIONAL).game.player_g.theta
    back = 1 / (1 + np.exp(-theta_g["parallel5.b_1"]))
    clipped = np.clip(digits.load("train").mean(), 0.01, 0.99)
    np.testing.assert_allclose(back, clipped, rtol=1e-5)


def test_the_identity_of_a_conditional_run_changes_with_a_single_label(monkeypatch):
    one, plain = (tiny.experiment(**changes).identity for changes in (tiny.CONDITIONAL, {}))
    load = digits.load

    def touched(split):
        images = load(split)
        images.labels[0] ^= 1
        return images

    monkeypatch.setattr(digits, "load", touched)
    assert not np.array_equal(tiny.experiment(**tiny.CONDITIONAL).identity, one)
    np.testing.assert_array_equal(tiny.experiment().identity, plain)


def test_a_conditional_run_has_no_custom_networks_or_prior():
    G = tiny.experiment().game.G
    with pytest.raises(UserError, match="custom networks and priors are not conditional"):
        Experiment.begin(tiny.recipe(**tiny.CONDITIONAL), 1, open_backend("cpu"), parts=Parts(G=G))


def test_a_deconvolution_to_another_size_than_that_of_the_data_is_refused():
    wrong = tiny.DECONVOLUTION | {"generator__map": [2, 8]}
    with pytest.raises(
        UserError, match="make images of 4 x 16 x 1, but an example has the shape 8"
    ):
        tiny.experiment(**wrong)


def test_the_identity_is_that_of_earlier_versions_so_that_their_runs_can_be_resumed():
    assert tiny.experiment().identity.tobytes().hex() == "db82e8aaac6b5804f01bc7cee2a2be59"


def test_the_identity_of_a_run_changes_with_each_newer_setting():
    plain = tiny.experiment().identity
    for changes in (
        *(tiny.COMPLETING, tiny.NOISY, {"generator__margin": 0.4}),
        *({"discriminator__margin": 0.4}, {"discriminator__rate_factor": 2.0}),
    ):
        assert not np.array_equal(tiny.experiment(**changes).identity, plain), changes
    kept = {"generator__margin": 0.5, "discriminator__margin": 0.5, "data__masks": []}
    kept |= {"discriminator__rate_factor": 1.0, "discriminator__instance_noise": 0.0}
    np.testing.assert_array_equal(tiny.experiment(**kept).identity, plain)


@pytest.mark.parametrize("changes", [tiny.COMPLETING, tiny.NOISY], ids=["masks", "noise"])
def test_runs_with_further_inputs_of_G_have_no_custom_networks_or_prior(changes):
    G = tiny.experiment().game.G
    with pytest.raises(UserError, match="custom networks and priors have no further inputs"):
        Experiment.begin(tiny.recipe(**changes), 1, open_backend("cpu"), parts=Parts(G=G))
