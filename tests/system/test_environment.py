"""The environment contains what a run's numbers may depend on."""

from __future__ import annotations

import json
import os
import platform

import numpy as np
from threadpoolctl import threadpool_limits

import minigan
from minigan.system import environment


def test_the_environment_is_unchanged_by_json():
    facts = environment.environment()
    assert json.loads(json.dumps(facts)) == facts


def test_the_environment_contains_the_installed_versions():
    facts = environment.environment()
    assert facts["minigan"] == minigan.__version__
    assert facts["numpy"] == np.__version__
    assert facts["python"] == platform.python_version()
    assert facts["processors"] == os.cpu_count()


def test_every_blas_is_listed_with_its_kernel_and_its_threads():
    with threadpool_limits(1, user_api="blas"):
        pools = environment.blas()
    assert pools, "no BLAS was found"
    for pool in pools:
        assert set(pool) == {"library", "version", "kernel", "threads"}
        assert isinstance(pool["library"], str)
        assert pool["threads"] == 1


def test_other_thread_pools_are_not_listed_as_blas(monkeypatch):
    pools = [
        {"user_api": "openmp", "internal_api": "openmp", "version": None, "num_threads": 8},
        {"user_api": "blas", "internal_api": "blis", "num_threads": 4},
    ]
    monkeypatch.setattr("minigan.system.environment.threadpool_info", lambda: pools)
    assert environment.blas() == [
        {"library": "blis", "version": None, "kernel": None, "threads": 4}
    ]


def test_a_package_that_is_not_installed_has_no_version():
    assert environment.version_of("numpy") == np.__version__
    assert environment.version_of("a-package-that-does-not-exist") is None


def test_the_processor_has_a_name():
    assert environment.processor().strip()


def test_without_proc_the_processor_is_the_architecture(monkeypatch):
    def refuse(*arguments, **options):
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert environment.processor() == "riscv64"
