"""The error that a user can correct."""

from __future__ import annotations

from minigan.errors import UserError


def test_a_user_error_is_a_value_error_and_prints_only_its_message():
    assert issubclass(UserError, ValueError)
    assert str(UserError("the seed is wrong: use 1")) == "the seed is wrong: use 1"
