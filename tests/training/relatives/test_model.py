"""Every model has the members of the protocol."""

from __future__ import annotations

import typing

import pytest
import tiny_relative

from minigan.training.relatives.model import RelativeModel


@pytest.mark.parametrize("kind", tiny_relative.KINDS)
def test_a_model_has_the_members_of_the_protocol(kind) -> None:
    model: RelativeModel = tiny_relative.experiment(kind).model
    for name in ("players", "arrays", "layer", "update", "prepare_chains", "samples"):
        assert hasattr(RelativeModel, name)
        assert hasattr(model, name)
    assert typing.get_type_hints(RelativeModel.samples)["count"] is int
