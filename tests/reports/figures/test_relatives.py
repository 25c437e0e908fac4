"""The figure of the relatives: scores of the drawn samples, NCE's slope, the models' samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from minigan.data import digits
from minigan.errors import UserError
from minigan.evaluation import protocol
from minigan.reports.figures import relatives
from minigan.theory.relatives import cae, dbn, vae


def grey(train: object, seed: int) -> np.ndarray:
    return np.full((20, 64), 0.1 * seed, np.float32)


def test_the_scores_are_those_of_the_drawn_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relatives, "MODELS", {"grey": grey})
    monkeypatch.setattr(relatives, "SIZES", (100, 200))
    monkeypatch.setattr(relatives, "REPEATS", 3)
    result = relatives.draw(tmp_path / "a.png", seed=3)
    with Image.open(tmp_path / "a.png") as picture:
        assert np.asarray(picture).std() > 10
    x, validation = digits.load("test").all(), digits.load("validation").all()
    for name, samples in (
        ("1,000 training images", digits.load("train").all()[:1000]),
        ("grey", grey(None, 3)),
    ):
        expected = protocol.score(samples, x, protocol.choose(samples, validation))
        assert result.scores[name] == expected
    found = result.to_json()
    errors = found["nce"]["error"]
    assert found["slope"] == pytest.approx(np.log(errors[1] / errors[0]) / np.log(2))
    first, *lines = str(result).splitlines()
    assert first.startswith(f"NCE: the error of the normaliser falls as n^{result.slope:.2f}")
    assert [line.split("  ")[0] for line in lines] == ["1,000 training images", "grey"]
    assert max(map(len, [first, *lines])) <= 80


@pytest.mark.parametrize("name", ["CAE", "DBN", "VAE"])
def test_each_model_draws_means_of_pixels(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relatives, "SAMPLES", 8)
    for module, train in ((cae, "train_stacked_cae"), (dbn, "train_dbn")):
        right = getattr(module, train)

        def short(*arguments, updates, right=right, **options):  # type: ignore[no-untyped-def]
            return right(*arguments, updates=2, **options)

        monkeypatch.setattr(relatives, train, short)
    monkeypatch.setattr(relatives, "train_vae", lambda v, x, n, seed: vae.train_vae(v, x, 2, seed))
    samples = relatives.MODELS[name](digits.load("train"), 0)
    assert samples.shape == (8, 64)
    assert 0 <= samples.min() < samples.max() <= 1
    assert len(np.unique(samples)) > 100  # not black and white
    again, other = (relatives.MODELS[name](digits.load("train"), seed) for seed in (0, 1))
    np.testing.assert_array_equal(samples, again)
    assert (samples != other).any()


def test_a_wrong_suffix_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"must end in \.png"):
        relatives.draw(tmp_path / "a.txt", 0)
