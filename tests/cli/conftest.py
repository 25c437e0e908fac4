"""Every test of the command line runs in its own temporary folder."""

from __future__ import annotations

import shutil

import pytest
import tiny

from minigan import cli
from minigan.training import recipes


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Change to a temporary folder that contains tiny.toml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(recipes.to_toml(tiny.recipe()))


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """The path of a finished run, which no test may change."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.toml").write_text(recipes.to_toml(tiny.recipe()))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert cli.main(["train", "tiny.toml", "--out", "run", "--quiet"]) == 0
    return folder / "run"


@pytest.fixture
def run(trained):
    """A finished run in the folder `run`."""
    shutil.copytree(trained, "run")
    return "run"


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """A machine without MNIST; the cache folder of the user is tmp_path/cache."""
    monkeypatch.delenv("MINIGAN_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
