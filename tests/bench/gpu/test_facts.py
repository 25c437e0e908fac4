"""The environment of a verification is determined; unknown values are None."""

from __future__ import annotations

import json

from minigan.bench.gpu import facts
from minigan.system.environment import environment


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
