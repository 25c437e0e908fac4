"""The environment of a verification is determined; unknown values are None."""

from __future__ import annotations

import json
import subprocess

from minigan.bench.gpu import facts
from minigan.system.environment import environment


def git(folder, *arguments):
    name = ["-c", "user.name=n", "-c", "user.email=e@x"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


def test_the_gpu_and_its_libraries_are_named(backend, monkeypatch):
    monkeypatch.setenv("CUPY_TF32", "1")
    monkeypatch.setattr(facts, "_driver", lambda: "580.65.06")
    device, versions = facts.device(backend), facts.versions(backend)
    assert (device["name"], device["number"]) == ("Pretended GPU", 0)
    assert (device["compute capability"], device["driver"]) == ("9.0", "580.65.06")
    assert versions["cupy"] == environment()["cupy"]
    assert versions["CUDA of CuPy"] == 13020
    assert versions["cuBLAS"] is None  # the stand-in has none
    assert versions["variables"]["CUPY_TF32"] == "1"
    assert json.loads(json.dumps([device, versions])) == [device, versions]


def test_the_version_of_the_driver_is_read_from_nvidia_smi(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert facts._driver() is None
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 580.65.06\necho 580.65.06\n")
    tool.chmod(0o755)
    assert facts._driver() == "580.65.06"


def test_the_commit_of_the_checkout_and_its_changes_are_recorded(tmp_path):
    assert facts.commit(tmp_path) == (None, False)
    git(tmp_path, "init")
    (tmp_path / "minigan").mkdir()
    (tmp_path / "minigan" / "a.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    head, changed = facts.commit(tmp_path)
    assert len(head) == 40
    assert not changed
    (tmp_path / "minigan" / "a.py").write_text("2")
    assert facts.commit(tmp_path) == (head, True)


def test_a_package_inside_another_repository_has_no_commit(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "theirs")
    (tmp_path / "site-packages").mkdir()
    assert facts.commit(tmp_path / "site-packages") == (None, False)
