"""The commit of a clone and its changes; None elsewhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from minigan.system.commit import commit, commit_facts


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=n", "-c", "user.email=e@x"]
    date = {"GIT_COMMITTER_DATE": "2026-03-01T12:00:00+01:00"}
    command = ["git", "-C", str(folder), *name, *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **date})


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init")
    (tmp_path / "minigan").mkdir()
    (tmp_path / "minigan" / "a.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_the_commit_of_the_checkout_and_its_changes_are_recorded(clone: Path) -> None:
    head, changed = commit(clone)
    assert head is not None
    assert len(head) == 40
    assert not changed
    assert commit_facts(clone) == {"commit": head, "committed": "2026-03-01T12:00:00+01:00"}
    (clone / "minigan" / "a.py").write_text("2")
    assert commit(clone) == (head, True)
    assert commit_facts(clone)["commit"] == f"{head} with changes"


def test_a_folder_without_git_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == (None, False)
    assert commit_facts(tmp_path) == {}


def test_a_package_inside_another_repository_has_no_commit(clone: Path) -> None:
    (clone / "site-packages").mkdir()
    assert commit(clone / "site-packages") == (None, False)
    assert commit_facts(clone / "site-packages") == {}
