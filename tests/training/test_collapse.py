"""Mode collapse: the metrics, the warning and its advice, and no warning while warming up."""

from __future__ import annotations

import math
import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import tiny
import tiny_relative

from minigan.backends import open_backend
from minigan.data import sets
from minigan.data.images import Images
from minigan.data.points import Points
from minigan.data.sets import DataSet
from minigan.data.toys import Mixture
from minigan.draws import generator
from minigan.evaluation import classifier
from minigan.evaluation.classifier import Classifier
from minigan.evaluation.diversity import spread
from minigan.training import collapse, recipes
from minigan.training.collapse import Watch, advice, collapsed
from minigan.training.experiment import Experiment

DIGITS = sets.load("digits")
RING = sets.load("ring")


def watch_of(data, **changes):
    return Watch(tiny.recipe(**changes), data)


def test_modes_and_the_fraction_near_a_mode_by_hand():
    means = RING.train.mixture.means
    samples = np.concatenate([means[[0] * 6 + [3] * 3], [[0.0, 0.0]]]).astype(np.float32)
    # The masses are 2/3 and 1/3, and those of the data 1/8.
    KL = (2 * math.log(16 / 3) + math.log(8 / 3)) / 3
    expected = {"modes": 2, "near": 0.9, "modes_KL": KL}
    assert watch_of(RING).measured(samples) == pytest.approx(expected)
    assert watch_of(RING).measured(np.zeros((3, 2), np.float32)) == {"modes": 0, "near": 0}


def test_modes_are_counted_where_the_data_have_them():
    # No mean is at the negative of another one.
    mixture = Mixture(np.array([[1.0, 2.0], [5.0, 0.0]]), 0.1, np.array([0.5, 0.5]))
    train = Points(np.zeros((4, 2), np.float32), mixture)
    data = DataSet("two", train, train, train)
    seen = watch_of(data).measured(mixture.means.astype(np.float32))
    assert seen == {"modes": 2, "near": 1, "modes_KL": 0}


def test_the_columns_of_the_log_are_the_metrics_of_points_and_of_images_and_collapsed():
    of_points = watch_of(RING).measured(RING.train.all()[:10])
    of_images = watch_of(DIGITS).measured(DIGITS.train.all()[:10])
    assert (*of_points, *of_images, "collapsed") == collapse.FIELDS


def test_real_digits_have_all_classes_and_a_diversity_of_1():
    seen = watch_of(DIGITS).measured(DIGITS.train.all()[-1000:])
    assert list(seen) == ["classes", "rarest", "classifier_error", "diversity"]
    assert seen["classes"] == 10
    assert seen["diversity"] == pytest.approx(1, abs=0.05)
    assert seen["rarest"] >= 0.08


def test_one_digit_with_a_little_noise_has_one_class_and_a_low_diversity():
    zero = DIGITS.train.all()[DIGITS.train.labels == 0][:1]
    noise = np.random.default_rng(1).normal(0, 0.01, (1000, 64)).astype(np.float32)
    seen = watch_of(DIGITS).measured(zero + noise)
    assert (seen["classes"], seen["rarest"]) == (1, 0)
    assert seen["diversity"] < 0.1


def test_copies_have_no_diversity_and_half_of_the_classes_are_counted():
    train = DIGITS.train
    five = train.all()[train.labels < 5][:500]
    seen = watch_of(DIGITS).measured(np.concatenate([five, five]))
    assert seen["classes"] == 5
    assert seen["diversity"] == 0


class FirstPixel(Classifier):
    """A classifier that returns the first pixel as the class."""

    def classes(self, x):
        return x[:, 0].astype(np.int64)


@pytest.mark.parametrize(
    ("counts", "classes"),
    [
        ([500, 300, 199, 1, 0], 5),  # 5 in 1000 real images are too rare: always found
        ([500, 300, 200, 0, 0], 4),  # 10 in 1000 real images are not too rare
        ([50, 750, 199, 1, 0], 5),  # a tenth of 500 is 50
        ([49, 751, 199, 1, 0], 4),
        ([500, 478, 21, 1, 0], 5),  # a tenth of 200 is 20
        ([500, 480, 19, 1, 0], 4),
        ([961, 20, 18, 1, 0], 3),  # a tenth of 285 is 28.5
        ([0, 0, 0, 0, 1000], 1),
    ],
)
def test_a_class_occurs_from_a_tenth_of_its_share_among_real_images_on(
    monkeypatch, counts, classes
):
    shares = (0.5, 0.285, 0.2, 0.01, 0.005)
    stand_in = FirstPixel(classifier.network_of(64, 5), None, 0.25, shares)
    monkeypatch.setattr(collapse.classifier, "train_classifier", lambda train, test: stand_in)
    monkeypatch.setattr(collapse, "_trained", {})
    x = np.zeros((1000, 64), dtype=np.float32)
    x[:, 0] = np.repeat(range(5), counts)
    seen = watch_of(DIGITS).measured(x)
    assert (seen["classes"], seen["classifier_error"]) == (classes, 0.25)
    assert seen["rarest"] == min(counts) / 1000


def pictures(N, labels=0, pixels=None):
    rng = np.random.default_rng(N)
    pixels = rng.integers(0, 256, (N, 12), dtype=np.uint8) if pixels is None else pixels
    return Images(pixels, np.full(N, labels), white=255, height=2, width=2, channels=3)


def test_images_without_labels_have_only_a_diversity():
    data = DataSet("folder", pictures(40), pictures(5), pictures(6))
    watch = watch_of(data)
    samples = np.random.default_rng(1).random((100, 12), dtype=np.float32)
    seen = watch.measured(samples)
    assert list(seen) == ["diversity"]
    expected = spread(samples[:40]) / spread(data.train.all())  # as many as there are images
    assert seen["diversity"] == pytest.approx(expected, rel=1e-12)
    assert (watch.kinds, watch.classifier) == (0, None)
    assert collapsed({"diversity": 1.0}, 0) is None


def test_identical_images_have_no_metrics():
    same = pictures(40, pixels=np.zeros((40, 12), np.uint8))
    assert watch_of(DataSet("folder", same, same, same)).measured(np.ones((50, 12))) == {}
    assert collapsed({}, 0) is None


def test_runs_of_one_process_share_a_classifier_and_other_labels_get_their_own(monkeypatch):
    trained, train = [], classifier.train_classifier
    monkeypatch.setattr(collapse, "_trained", {})
    monkeypatch.setattr(classifier, "UPDATES", 2)
    monkeypatch.setattr(
        collapse.classifier, "train_classifier", lambda *sets: trained.append(1) or train(*sets)
    )
    one, same = watch_of(DIGITS).classifier, watch_of(sets.load("digits")).classifier
    assert one is same
    odd = replace(DIGITS, train=replace(DIGITS.train, labels=DIGITS.train.labels % 2))
    assert watch_of(odd).kinds == 2
    assert len(trained) == 2
    assert len(collapse._trained) == 1  # only the last one is kept


def test_points_have_no_classifier():
    assert watch_of(RING).classifier is None


def test_random_training_images_are_compared_and_each_run_takes_the_same_ones(monkeypatch):
    monkeypatch.setattr(collapse, "N_SAMPLES", 10)
    chosen = generator(0, "collapse/real", 0).permutation(len(DIGITS.train))[:10]
    samples = DIGITS.train.all()[:200]
    expected = spread(samples[:10]) / spread(DIGITS.train.all()[chosen])
    assert watch_of(DIGITS).measured(samples)["diversity"] == pytest.approx(expected, rel=1e-12)


def test_the_data_cannot_be_replaced_because_the_classifier_is_kept():
    with pytest.raises(FrozenInstanceError):
        watch_of(DIGITS).data = RING


@pytest.mark.parametrize(
    ("seen", "kinds", "words"),
    [
        (
            {"modes": 4, "near": 0.96},
            8,
            "the samples reach 4 of 8 modes (96.0 % of the samples are near a mode)",
        ),
        ({"modes": 5, "near": 0.1}, 8, None),
        ({"modes": 12, "near": 0.5}, 25, "the samples reach 12 of 25 modes"),
        ({"modes": 13, "near": 0.5}, 25, None),
        (
            {"classes": 5, "rarest": 0.0, "classifier_error": 0.282, "diversity": 0.9},
            10,
            "the samples show 5 of 10 classes (by a classifier with error rate 28.2 % on held-out "
            "images)",
        ),
        ({"classes": 6, "rarest": 0.0, "classifier_error": 0.1, "diversity": 0.25}, 10, None),
        ({"diversity": 0.2499}, 0, "the samples are 0.25 times as varied as real images"),
        ({"diversity": 0.25}, 0, None),
        (
            {"classes": 1, "rarest": 0.0, "classifier_error": 0.1, "diversity": 0.02},
            10,
            "on held-out images) and the samples are 0.02 times as varied as real images",
        ),
    ],
)
def test_a_collapse_is_half_of_the_kinds_or_a_quarter_of_the_diversity(seen, kinds, words):
    if words is None:
        assert collapsed(seen, kinds) is None
    else:
        assert words in collapsed(seen, kinds)


@pytest.mark.parametrize(
    ("data", "changes", "first"),
    [
        (RING, {"training__g_steps": 1}, 2000),
        (RING, {"training__g_steps": 10}, 200),
        (DIGITS, {"training__k": 1, "training__m": 100}, 2000),  # ten epochs are 120 iterations
        (DIGITS, {"training__k": 1, "training__m": 5}, 2394),
        (DIGITS, {"training__k": 2, "training__m": 5}, 2000),
    ],
)
def test_there_is_no_warning_while_warming_up(data, changes, first):
    watch, seen = watch_of(data, **changes), {"diversity": 0.0}
    assert watch.warming_up(first - 1)
    assert not watch.warming_up(first)
    assert watch.warning(first - 1, seen) is None
    assert watch.warning(first, seen) is not None


def test_the_warning_has_the_metrics_the_name_and_the_advice():
    watch = watch_of(RING, optimizer__rate=0.07, training__k=1, training__g_steps=10)
    assert watch.warning(250, {"modes": 1, "near": 0.5}) == (
        "after 250 iterations, the samples reach 1 of 8 modes (50.0 % of the samples are near a "
        "mode): this is the Helvetica scenario (mode collapse), where G maps too many z to the "
        "same x; start a new run with more steps on D (--set training.k=2), fewer steps on G "
        "(--set training.g_steps=1) or a lower learning rate (--set optimizer.rate=0.035)"
    )


GANS = [name for name in recipes.names() if isinstance(recipes.load_any(name), recipes.Recipe)]


@pytest.mark.parametrize("name", [*GANS, "tiny"])
def test_each_advised_change_is_valid(name):
    recipe = tiny.recipe() if name == "tiny" else recipes.load(name)
    advised = re.findall(r"\((--set [^)]*)\)", advice(recipe))
    assert len(advised) == (3 if recipe.training.g_steps > 1 else 2)
    for options in advised:
        changes = [change.strip() for change in options.split("--set ") if change]
        assert recipes.parse(recipes.to_toml(recipe), name, changes) != recipe


def test_a_model_without_G_has_no_warning():
    watch = Watch(tiny_relative.recipe("gsn"), tiny.experiment().data)
    assert watch.warming_up(0)
    assert watch.warming_up(10**6)
    assert watch.warning(10**6, {"diversity": 0.0}) is None


def test_two_steps_on_G_are_reduced_to_one():
    assert "fewer steps on G" in advice(tiny.recipe(training__g_steps=2))
    assert "fewer steps on G" not in advice(tiny.recipe(training__g_steps=1))


def record_noise(monkeypatch, game):
    """The bytes of the noise z behind each update of D and of G, in the order of the updates."""
    noise = {"D": [], "G": []}

    def recorded(player, update, trace):
        def with_record(g):
            noise[player].append(trace.layers[0].x.tobytes())
            update(g)

        return with_record

    ascend = recorded("D", game.player_d.ascend, game.trace_G)
    descend = recorded("G", game.player_g.descend, game.trace_G_step)
    monkeypatch.setattr(game.player_d, "ascend", ascend)
    monkeypatch.setattr(game.player_g, "descend", descend)
    return noise


def test_ten_steps_on_G_per_step_on_D_collapse_and_one_step_does_not(monkeypatch):
    # The control: one step on G. The same game finds most of the modes.
    experiment = Experiment.begin(recipes.load("toy"), 1, open_backend("cpu"))
    for t in range(1000):
        experiment.iterate(t)
    assert experiment.game.player_g.updates == experiment.game.player_d.updates == 1000
    watch = Watch(experiment.recipe, experiment.data)
    assert watch.measured(experiment.samples(1000))["modes"] >= 7

    experiment = Experiment.begin(recipes.load("helvetica"), 1, open_backend("cpu"))
    noise = record_noise(monkeypatch, experiment.game)
    for t in range(200):
        experiment.iterate(t)
    watch = Watch(experiment.recipe, experiment.data)
    samples = experiment.samples(1000)
    seen = watch.measured(samples)
    assert experiment.game.player_g.updates == 2000
    assert seen["modes"] <= 2
    assert samples.std(axis=0).max() < 1  # all in one place; of the data, it is 1.4
    assert watch.warning(200, seen).startswith("after 200 iterations, the samples reach ")
    # A G whose noise never changes would collapse as well. Here each update has its own noise.
    assert (len(noise["D"]), len(noise["G"])) == (200, 2000)
    assert len({*noise["D"], *noise["G"]}) == 2200
