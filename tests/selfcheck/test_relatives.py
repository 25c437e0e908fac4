"""The check of the relatives has a row for every gradient, and finds a planted bug."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.selfcheck import relatives
from minigan.theory.relatives import cae, predictability


def test_every_gradient_of_the_relatives_is_checked() -> None:
    rows = relatives.check_relatives()
    assert [row.name for row in rows] == [
        "adversarial: x",
        *("CAE: W", "CAE: b", "CAE: c"),
        "NCE: theta",
        *(f"predictability: {name}" for name in ("y", "theta_1", "theta_2")),
        *("RBM: W", "RBM: b", "RBM: c"),
        *("VAE: theta_e", "VAE: theta_g"),
    ]
    assert {row.verdict for row in rows} == {"pass"}
    assert {row.method for row in rows} == {"complex step"}
    assert all(row.numeric for row in rows)


def test_a_gradient_of_the_mean_is_found_where_that_of_each_row_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = relatives.loss_gradient_in_x
    monkeypatch.setattr(
        relatives, "loss_gradient_in_x", lambda *arguments: right(*arguments) / relatives.M
    )
    assert not relatives.check_adversarial()[0].passed


def test_a_gradient_of_nce_without_the_noise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = relatives.nce_gradient
    monkeypatch.setattr(relatives, "nce_gradient", lambda *arguments: right(*arguments) / 2)
    assert not relatives.check_nce()[0].passed


def test_a_code_that_ignores_the_predictors_inputs_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backward = predictability.P.__class__.backward

    def without_inputs(self, trace, dy, **options):  # type: ignore[no-untyped-def]
        dtheta, dx = backward(self, trace, dy, **options)
        return dtheta, np.zeros_like(dx)

    monkeypatch.setattr("minigan.network.Network.backward", without_inputs)
    failed = {row.name for row in relatives.check_predictability() if not row.passed}
    assert failed == {"predictability: y"}


def test_a_vae_whose_noise_does_not_depend_on_s_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = relatives.elbo_gradients

    def without_noise(vae, theta_e, theta_g, x, eps):  # type: ignore[no-untyped-def]
        return right(vae, theta_e, theta_g, x, 0 * eps)

    monkeypatch.setattr(relatives, "elbo_gradients", without_noise)
    assert not any(row.passed for row in relatives.check_vae())


def test_an_rbm_with_samples_in_place_of_means_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigan.theory.relatives.rbm.hidden_means", lambda theta, v: v[:, :3])
    failed = {row.name for row in relatives.check_rbm() if not row.passed}
    assert failed == {"RBM: W", "RBM: c"}


def test_a_contraction_without_its_factors_2_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = cae.contraction_gradient
    monkeypatch.setattr(
        cae, "contraction_gradient", lambda *arguments: [one / 2 for one in right(*arguments)]
    )
    failed = {row.name for row in relatives.check_cae() if not row.passed}
    assert failed == {"CAE: W", "CAE: c"}
