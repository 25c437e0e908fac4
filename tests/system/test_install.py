"""Advice about a missing library is a command that works in this environment."""

from __future__ import annotations

import configparser
import sys
from importlib import metadata
from pathlib import Path

import pytest

import minigan
from minigan.system.install import install_command

PYTHON = "/opt/my env/bin/python"


@pytest.fixture(autouse=True)
def _the_python_of_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", PYTHON)


def installed(monkeypatch: pytest.MonkeyPatch, requirements: list[str] | None) -> None:
    monkeypatch.setattr(metadata, "requires", {"minigan": requirements}.__getitem__)


def test_the_command_names_the_libraries_of_the_extra_and_quotes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requirements = ["numpy>=2", 'cupy[ctk]>=14; extra == "gpu"', "one ; extra=='gpu'"]
    installed(monkeypatch, [*requirements, 'other; extra == "gpu2"'])
    command = install_command("gpu")
    assert command == "'/opt/my env/bin/python' -m pip install 'cupy[ctk]>=14' one"


def test_minigan_itself_is_named_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert install_command("plot") == "'/opt/my env/bin/python' -m pip install 'minigan[plot]'"


def test_every_extra_that_messages_name_is_in_setup_cfg() -> None:
    root = Path(minigan.__file__).parent
    settings = configparser.ConfigParser()
    settings.read(root.parent / "setup.cfg", encoding="utf-8")
    extras = set(settings["options.extras_require"])
    assert {"plot", "tensorboard", "cuda12x", "cuda13x"} <= extras
