"""The files at the root agree: one version, and only sessions that noxfile.py has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import minigan

ROOT = Path(__file__).resolve().parents[2]
CALLERS = (
    *(".ci/run", "CONTRIBUTING.md", "RELEASING.md", ".pre-commit-config.yaml"),
    *(".github/workflows/ci.yml", ".github/workflows/nightly.yml"),
    ".github/workflows/site.yml",
    ".github/PULL_REQUEST_TEMPLATE.md",
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere():
    (cited,) = re.findall(r"^version: (\S+)$", read("CITATION.cff"), re.MULTILINE)
    (heading, *_) = re.findall(r"^## (\S+) \(", read("CHANGELOG.md"), re.MULTILINE)
    assert cited == heading == minigan.__version__


@pytest.mark.parametrize("caller", CALLERS)
def test_every_session_that_is_called_exists(caller):
    sessions = set(re.findall(r"^@nox\.session\ndef (\w+)\(", read("noxfile.py"), re.MULTILINE))
    text = read(caller)
    lines = re.findall(r"(?:nox -s|^ *sessions) ((?:\w+ ?)+)", text, re.MULTILINE)
    called = {name for line in lines for name in line.split()}
    for words in re.findall(r"sessions?: \[(.*)\]", text):
        called |= set(re.findall(r"\w+", words))
    assert called
    assert called <= sessions
