"""The mutants are what they claim to be: one slip each, each once, under a name that lasts."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import page
from mutants.generate import Name, of_file, of_source
from mutants.plan import FILES, ROOT, mirror
from mutants.report import Result, read_reasons
from mutants.trial import Replacement


def changes(source: str) -> set[str]:
    return {mutant.name.after for mutant in of_source(source, "f.py")}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = a - b", {"pass", "y = a + b", "y = b - a", "y = -a - b", "y = -(a - b)"}),
        ("y: float = f(a)", {"pass", "y: float = -f(a)", "y: float = f(-a)"}),
        ("y /= n", {"pass", "y *= n", "y = y / n", "y /= -n"}),
        ("if a > 1: pass", {"if True:", "if False:", "if a >= 1:", "if a <= 1:", "if -a > 1:"}
         | {"if a > 2:", "if a > 0:"}),
        ("y[:n] = 0", {"pass", "y[:] = 0", "y[1:n] = 0", "y[:n + 1] = 0", "y[:n - 1] = 0"}
         | {"y[:n] = 1", "y[:n] = -1"}),
        ("sum(x, axis=0)", {"pass", "sum(x)", "sum(-x, axis=0)", "sum(x, axis=1)"}
         | {"sum(x, axis=-1)"}),
        ("matmul(x, W.T)", {"pass", "matmul(W.T, x)", "matmul(-x, W.T)", "matmul(x, -W.T)"}
         | {"matmul(x.T, W.T)", "matmul(x, W)"}),
        ("raise E(f'{n} is 1') from None", {"pass"}),
        ("def f(self, x):\n    return not x", {"return x", "return None"}),
    ],
)  # fmt: skip
def test_a_statement_has_these_mutants_and_no_others(source: str, expected: set[str]) -> None:
    assert changes(source) == expected


def test_words_types_and_imports_are_left_alone() -> None:
    assert not changes('"""1 + 1"""\nimport a\nfrom b import c\nT: TypeAlias = A[1]')
    assert not changes(
        'class C(B[1]):\n    """2"""\n    x: A[1]\n    def f(self, y: A[2]) -> A[3]: ...'
    )
    assert not changes("assert f'1 is {x}'")


def test_a_mutant_is_named_by_what_it_says_and_not_by_its_line() -> None:
    source = "def f(x):\n    x += a\n    x += a\n\nclass C:\n    def g(self):\n        x += a"
    names = [mutant.name for mutant in of_source(source, "f.py") if mutant.name.after == "pass"]
    assert names == [
        Name("f.py", "f", "x += a", "pass", 1),
        Name("f.py", "f", "x += a", "pass", 2),
        Name("f.py", "C.g", "x += a", "pass", 1),
    ]
    lower = [mutant.name for mutant in of_source(f"\n\nz = 1\n{source}", "f.py")]
    assert set(names) < set(lower)


def test_generating_mutants_leaves_the_tree_as_it_was() -> None:
    source = (ROOT / "minigan/layers/maxout.py").read_text("utf-8")
    mutants = of_source(source, "f.py")
    assert ast.dump(mutants[0].tree) == ast.dump(ast.parse(source))


@pytest.mark.parametrize("file", FILES)
def test_the_mutants_of_a_file_have_different_names_and_a_mirrored_test_file(file: str) -> None:
    mutants = of_file(ROOT, file)
    assert len({mutant.name for mutant in mutants}) == len(mutants) >= 8  # layer.py is the smallest
    assert (ROOT / mirror(file)).exists()


def test_each_survivor_that_is_listed_still_exists_and_has_a_reason() -> None:
    reasons = read_reasons()
    generated = {mutant.name for file in FILES for mutant in of_file(ROOT, file)}
    assert set(reasons) <= generated
    assert all(len(reason) > 20 for reason in reasons.values())


def test_a_trial_imports_the_changed_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mutated_module.py").write_text("def f(x):\n    return x + 1\n")
    (mutant,) = (m for m in of_file(tmp_path, "mutated_module.py") if "x - 1" in m.name.after)
    code = mutant.compiled(tmp_path / "mutated_module.py")
    finder = Replacement(tmp_path, {"mutated_module.py": code})
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    module = importlib.import_module("mutated_module")
    monkeypatch.delitem(sys.modules, "mutated_module")
    assert module.f(5) == 4
    assert module.__file__ == str(tmp_path / "mutated_module.py")


def test_the_temporary_folder_of_a_trial_is_its_own_and_is_removed(tmp_path: Path) -> None:
    (tmp_path / "minigan").mkdir()
    (tmp_path / "minigan" / "__init__.py").touch()
    (tmp_path / "conftest.py").write_text(
        "import hypothesis\nimport minigan\nhypothesis.settings.register_profile('mutants')\n"
    )
    (tmp_path / "test_a.py").write_text(
        "def test_a(tmp_path):\n    open('folder', 'w').write(str(tmp_path))\n"
    )
    code = (
        "import os, pathlib, sys; from mutants import trial; root = pathlib.Path(sys.argv[1]);"
        "pid = trial.start(root, {}, ['test_a.py'], 60, root / 'log');"
        "sys.exit(os.waitpid(pid, 0)[1])"
    )
    shared = tmp_path / "shared"
    shared.mkdir()
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "tests/tools"),
        "PYTEST_DEBUG_TEMPROOT": str(shared),
    }
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
    folder = Path((tmp_path / "folder").read_text())
    assert not folder.is_relative_to(shared)
    assert not folder.exists()


def test_a_survivor_needs_a_reason_and_a_reason_needs_a_survivor() -> None:
    first, second, *others = of_source("y = a - b", "f.py")
    gone = Name("f.py", "<module>", "y = a", "pass")
    reasons = {first.name: "equal", others[0].name: "killed", gone: "edited away"}
    result = Result([first, second, *others], [first, second], reasons)
    assert result.unexplained == [second]
    assert result.stale == [others[0].name, gone]
    report = "\n".join(result.lines())
    assert "f.py                                     5       3          1         1" in report
    assert "f.py:1  <module>" in report
    assert Result([first], [], {Name("g.py", "h", "a", "b"): "not asked about"}).stale == []


def test_after_a_sample_only_a_mutant_that_ran_can_be_stale() -> None:
    first, second, *others = of_source("y = a - b", "f.py")
    reasons = {first.name: "killed", second.name: "did not run"}
    assert Result([first, *others], [], reasons).stale == [first.name, second.name]
    assert Result([first, *others], [], reasons, complete=False).stale == [first.name]


def test_the_page_has_the_table_and_the_reasons_of_the_list():
    text = page.PAGE.read_text()
    assert text.endswith(page.reasons())
    listed = [name.file for name in read_reasons()]
    for file in FILES:
        (row,) = re.findall(
            rf"^\| {page.short(file)} \| (\d+) \| (\d+) \| (\d+) \| 0 \|$", text, re.M
        )
        generated, killed, equivalent = map(int, row)
        assert (generated, equivalent) == (killed + equivalent, listed.count(file))
