"""What a run's numbers depend on is written down, and what is missing is said."""

from __future__ import annotations

import json
import os
import platform
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import minigan
from minigan import environment, recipes
from minigan.data.published import PUBLISHED


def test_the_environment_survives_json():
    facts = environment.environment()
    assert json.loads(json.dumps(facts)) == facts


def test_the_environment_holds_the_versions_that_run():
    facts = environment.environment()
    assert facts["minigan"] == minigan.__version__
    assert facts["numpy"] == np.__version__
    assert facts["python"] == platform.python_version()
    assert facts["processors"] == os.cpu_count()


def test_every_blas_is_named_with_its_kernel_and_its_threads():
    with threadpool_limits(1, user_api="blas"):
        pools = environment.blas()
    assert pools, "no BLAS was found"
    for pool in pools:
        assert set(pool) == {"library", "version", "kernel", "threads"}
        assert isinstance(pool["library"], str)
        assert pool["threads"] == 1


def test_other_thread_pools_are_not_counted_as_blas(monkeypatch):
    pools = [
        {"user_api": "openmp", "internal_api": "openmp", "version": None, "num_threads": 8},
        {"user_api": "blas", "internal_api": "blis", "num_threads": 4},
    ]
    monkeypatch.setattr("minigan.environment.threadpool_info", lambda: pools)
    assert environment.blas() == [
        {"library": "blis", "version": None, "kernel": None, "threads": 4}
    ]


def test_a_package_that_is_not_installed_has_no_version():
    assert environment.version_of("numpy") == np.__version__
    assert environment.version_of("a-package-that-nobody-has") is None


def test_the_processor_has_a_name():
    assert environment.processor().strip()


def test_a_system_without_proc_names_the_architecture(monkeypatch):
    def refuse(*arguments, **options):
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert environment.processor() == "riscv64"


def test_information_is_one_line_per_fact(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    lines = dict(line.split(maxsplit=1) for line in environment.information().splitlines())
    assert lines["minigan"] == minigan.__version__
    assert lines["numpy"] == np.__version__
    assert lines["recipes"] == ", ".join(recipes.names())
    assert "kernel" in lines["blas"]
    assert "threads" in lines["blas"]


def test_information_says_what_is_missing_for_the_gpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    text = environment.information()
    assert "device cpu         available" in text
    assert "device cuda        not available: device cuda needs CuPy" in text
    assert "pip install 'minigan[cuda]'" in text


def test_information_without_a_known_blas_says_so(monkeypatch):
    monkeypatch.setattr(environment, "blas", list)
    assert "blas               not known" in environment.information().splitlines()


@pytest.mark.parametrize("package", environment.CUPY_PACKAGES)
def test_any_of_the_cupy_packages_counts_as_cupy(monkeypatch, package):
    monkeypatch.setattr(environment, "version_of", lambda name: "14.2" if name == package else None)
    assert environment.environment()["cupy"] == "14.2"


THEN = {
    "minigan": "0.1.0",
    "numpy": "2.4.6",
    "cupy": None,
    "device": "cpu",
    "processor": "x",
    "system": "a",
    "blas": [{"library": "openblas", "version": "1", "kernel": "Zen", "threads": 2}],
}


def test_the_same_surroundings_have_no_differences():
    assert environment.differences(THEN, {**THEN, "system": "b", "python": "3.13"}) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"numpy": "2.5"}, "numpy was 2.4.6 and is 2.5"),
        ({"cupy": "14"}, "cupy was None and is 14"),
        ({"device": "cuda (H100)"}, "device was cpu and is cuda (H100)"),
        ({"processor": "y"}, "processor was x and is y"),
        (
            {"blas": [{**THEN["blas"][0], "threads": 1}]},
            "blas was openblas 1, kernel Zen, 2 threads and is openblas 1, kernel Zen, 1 threads",
        ),
        ({"blas": []}, "blas was openblas 1, kernel Zen, 2 threads and is not known"),
    ],
)
def test_a_difference_is_said_with_both_values(now, words):
    assert environment.differences(THEN, {**THEN, **now}) == [words]


@pytest.mark.parametrize("blas", [None, 3, "x", [1], {}])
def test_damaged_facts_of_before_are_a_difference_and_not_a_failure(blas):
    (words,) = environment.differences({**THEN, "blas": blas}, THEN)
    assert words.startswith("blas was not known and is openblas")
    assert len(environment.differences({}, THEN)) == 5


def test_data_that_is_not_here_comes_with_the_command_that_gets_it(tmp_path):
    found = dict(environment.data_found(tmp_path))
    assert set(found) == {"mnist", "fashion-mnist"}
    for name, words in found.items():
        assert f"minigan data fetch {name} --data-dir {tmp_path}" in words
    assert f"minigan data fetch mnist --data-dir {tmp_path}" in environment.information(tmp_path)


def test_data_that_is_here_is_said_with_its_folder(tmp_path):
    (tmp_path / "mnist").mkdir()
    for file in PUBLISHED["mnist"].files:
        (tmp_path / "mnist" / f"{file.name}.gz").write_bytes(b"")
    assert dict(environment.data_found(tmp_path))["mnist"] == str(tmp_path / "mnist")


def test_what_tensorboard_needs_is_said(monkeypatch):
    monkeypatch.setattr(environment, "version_of", lambda name: None)
    line = "tensorboard        missing: pip install 'minigan[tensorboard]'"
    assert line in environment.information().splitlines()


def test_the_memory_is_that_of_the_machine_or_not_known(monkeypatch):
    with open("/proc/meminfo", encoding="ascii") as file:
        total = int(file.readline().split()[1]) * 1024  # MemTotal, in kB
    assert environment.memory() == pytest.approx(total, rel=0.1)
    monkeypatch.delattr(os, "sysconf")
    assert environment.memory() is None
