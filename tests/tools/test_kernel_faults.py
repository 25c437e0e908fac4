"""The faults of the kernels are what they claim to be, and a handful of them is caught."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from kernel_faults import plan
from kernel_faults.fault import KERNELS, Fault, Name, one_line, planted
from kernel_faults.generate import of_source, some
from kernel_faults.report import read_reasons
from kernel_faults.source import lines

SOURCE = """
const int ROWS = 8; // threads
// sum = a + b
extern "C" __global__ void k(const float* a /* m*u */, float* b /* m*u */, int m, int u)
{
    if (m < u)
        b[0] = a[1];
}
__device__ float f(float x) { return -x; }
"""


def listed() -> dict[str, list[dict[str, str]]]:
    return tomllib.loads(plan.PLANTED.read_text(encoding="utf-8"))


def kernels() -> str:
    return (plan.ROOT / KERNELS).read_text(encoding="utf-8")


def after(function: str) -> set[str]:
    return {f.name.after for f in of_source(SOURCE) if f.name.function == function}


def test_a_line_has_these_faults_and_no_others() -> None:
    assert after("constants") == {"const int ROWS = 9;", "const int ROWS = 7;"}
    assert after("f") == {"return x;"}
    guard = {"if (m <= u)", "if (true)", "if (false)", "if (u < u)", "if (m < m)"}
    constants = {"b[1] = a[1];", "b[-1] = a[1];", "b[0] = a[2];", "b[0] = a[0];"}
    assert after("k") == guard | constants | {";", "a[0] = a[1];", "b[0] = b[1];"}


def test_a_fault_changes_the_place_that_it_names_and_no_other() -> None:
    source = kernels()
    for fault in of_source(source):
        changed = fault.applied(source)
        assert changed[: fault.start] == source[: fault.start]
        assert changed[fault.start + len(fault.replacement) :] == source[fault.stop :]
        start = source.rindex("\n", 0, fault.start) + 1
        stop = start + len(changed) - len(source) + source[start:].index("\n")
        assert fault.name.after in one_line(changed[start:stop])


def test_faults_have_names_of_their_own_and_tests_that_watch_over_them() -> None:
    generated = of_source(kernels())
    names = [f.name for f in [*generated, *planted(plan.ROOT, listed())]]
    assert len(set(names)) == len(names)
    assert {line.function for line in lines(kernels())} == set(plan.TESTS_OF_KERNEL)
    assert 150 < len(some(generated)) < len(generated) / 2


def test_the_tests_of_each_stage_exist() -> None:
    sources = {file: (plan.ROOT / file).read_text(encoding="utf-8") for file in plan.FILES}
    names = set(re.findall(r"def (test_\w+)", "".join(sources.values())))
    for pattern in (*plan.TESTS_OF_KERNEL.values(), plan.LAUNCHES):
        for words in re.findall(r"[a-zA-Z]+_\w+", pattern):
            assert [name for name in names if words in name], f"no test is named {words}"
    for fault in planted(plan.ROOT, listed()):
        for files, _ in plan.stages(fault):
            assert all((plan.ROOT / file).exists() for file in files)


def test_every_planted_fault_still_applies() -> None:
    faults = list(planted(plan.ROOT, listed()))
    assert len(faults) >= 25
    for fault in faults:
        text = fault.applied((plan.ROOT / fault.name.file).read_text(encoding="utf-8"))
        if fault.name.file != KERNELS:
            compile(text, fault.name.file, "exec")


def test_a_planted_fault_whose_place_is_gone_is_refused() -> None:
    gone = {"file": KERNELS, "function": "f", "before": "no such line", "after": "", "words": ""}
    with pytest.raises(ValueError, match="0 times, not once: no such line"):
        list(planted(plan.ROOT, {"fault": [gone]}))


def test_each_survivor_that_is_listed_is_still_a_fault_and_has_a_reason() -> None:
    names = {f.name for f in [*of_source(kernels()), *planted(plan.ROOT, listed())]}
    for group in read_reasons(plan.EQUIVALENT):
        assert len(group.reason) > 20
        assert set(group.faults) <= names


def test_the_page_lists_every_fault_that_is_planted() -> None:
    page = plan.RESULT.read_text(encoding="utf-8")
    assert [f for f in planted(plan.ROOT, listed()) if f.words not in page] == []


CAUGHT = """
import json, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]) / "tests" / "tools"))
from kernel_faults import campaign, fault, generate, plan
root = plan.snapshot(Path(sys.argv[2]))
source = campaign.prepare(root)
wanted = {tuple(name) for name in json.loads(sys.argv[3])}
generated = [f for f in generate.of_source(source) if f.name in wanted]
for outcome in campaign.outcomes(root, generated, 1, 60, source):
    print(outcome.how)
"""


def name(function: str, before: str, after: str) -> Name:
    return Name(KERNELS, function, before, after)


@pytest.mark.cupy
def test_a_handful_of_faults_is_caught_each_by_what_it_breaks(tmp_path: Path) -> None:
    faults = {
        name("bias", "if (t < (long long)m * u)", "if (t <= (long long)m * u)"): "out of bounds",
        name("add_up", "__syncthreads();", ";"): "race",
        name("descend", "theta[t] += v[t];", "theta[t] -= v[t];"): "wrong number",
    }
    root = tmp_path.resolve() / "copy"
    root.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CAUGHT, str(plan.ROOT), str(root), json.dumps(list(faults))],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert sorted(done.stdout.split("\n")[:-1]) == sorted(faults.values())


def test_a_fault_knows_where_it_is() -> None:
    fault = Fault(name("f", "a", "b"), 2, 3, "b", "name")
    assert fault.applied("x a y") == "x b y"
