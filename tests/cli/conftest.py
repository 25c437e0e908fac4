"""Every test of the command line runs in a folder of its own."""

from __future__ import annotations

import pytest
import tiny

from minigan import cli
from minigan.training import recipes


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test runs in a folder of its own, where tiny.toml lies."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(recipes.to_toml(tiny.recipe()))


@pytest.fixture
def run(capsys):
    """A finished run folder, named run."""
    assert cli.main(["train", "tiny.toml", "--out", "run", "--quiet"]) == 0
    capsys.readouterr()
    return "run"


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """A machine without MNIST; one.cache is the user's cache."""
    monkeypatch.delenv("MINIGAN_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
