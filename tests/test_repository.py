"""Checks of the whole repository: import order, statements, examples, links, names."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "minigan").rglob("*.py"))
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
CHINESE = {
    ROOT / "README.zh.md",
    *(ROOT / "docs" / "zh").rglob("*.md"),
}  # tests/docs/test_chinese.py
EXAMPLES = [page for page in PAGES if page not in CHINESE]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCES}


def levels() -> dict[str, int]:
    """module or package -> level, as docs/architecture.md has them."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    found = {}
    for level, names in re.findall(r"^\| (\d+) \| ([^|]+) \|", text, re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`(\w+)`", names), int(level))
    return found


def imports(path: Path) -> set[str]:
    """The modules of minigan that a file imports, wherever in the file."""
    targets = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            targets |= {name if name in MODULES else str(node.module) for name in names}
    return {name for name in targets if name.split(".")[0] == "minigan" and name != "minigan"}


def top_level(module: str) -> str:
    return module.split(".")[1]


OUTSIDE = ("minigan", "minigan.__main__")  # the package's names, and its command
VERBS = {
    "add",
    "append",
    "backward_input",
    "backward_params",
    "draw",
    "forward",
    "load",
    "main",
    "read",
    "run",
}
VERBS |= {"tangent", "write"}


def test_every_module_and_package_has_one_level_and_exists() -> None:
    assert {top_level(name) for name in MODULES if name not in OUTSIDE} == set(levels())


def test_the_top_level_stays_small() -> None:
    assert len(levels()) <= 24


def test_imports_point_down() -> None:
    level = levels()
    for name, path in MODULES.items():
        if name in OUTSIDE:
            continue
        for target in imports(path):
            if top_level(target) != top_level(name):
                assert level[top_level(target)] < level[top_level(name)], f"{name} imports {target}"


def test_every_module_at_the_root_is_imported_by_two_others_at_least() -> None:
    for name in MODULES:
        if name.count(".") == 1 and MODULES[name].name != "__init__.py" and name not in OUTSIDE:
            importers = {other for other, path in MODULES.items() if name in imports(path)}
            assert len(importers) >= 2, f"only {importers} import {name}"


def public_names(path: Path) -> set[str]:
    """The public classes and functions that a file defines at its top level."""
    body = ast.parse(path.read_text("utf-8")).body
    defined = (node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return {node.name for node in defined if not node.name.startswith("_")}


def test_no_two_public_things_share_a_name() -> None:
    """But for verbs that stand after the name of their module, as in checkpoint.load."""
    homes: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for one in public_names(path) - VERBS:
            homes.setdefault(one, []).append(name)
    assert {one: names for one, names in homes.items() if len(names) > 1} == {}


def test_no_folder_has_a_circle() -> None:
    graph = {name: imports(path) - {name} for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"a circle: {' -> '.join((*above, name))}"
        if name not in done:
            for target in sorted(graph.get(name, ())):
                visit(target, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_every_statement_has_its_function_and_its_test() -> None:
    text = (ROOT / "docs" / "statements.md").read_text("utf-8")
    entries = re.findall(r"^\| ([^|]+) \| `([\w.]+)` \| `([\w/.]+)::(\w+)` \|$", text, re.MULTILINE)
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(entries) == len(lines) - 1  # every line but the headings
    numbered = " ".join(statement for statement, *_ in entries)
    for number in (
        *(f"Eq. {i}" for i in range(1, 7)),
        "Prop. 1",
        "Prop. 2",
        "Thm 1",
        "Algorithm 1",
    ):
        assert number in numbered
    for _, function, file, test in entries:
        module, name = function.rsplit(".", 1)
        assert callable(getattr(importlib.import_module(module), name))
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_of_the_docs_runs(page: Path) -> None:
    result = doctest.testfile(str(page), module_relative=False)
    assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_page_of_the_docs_is_linked_from_the_index() -> None:
    """The navigation of the site is read from docs/index.md."""
    docs = ROOT / "docs"
    linked = set(
        re.findall(r"^- \[[^\]]+\]\(([^)]+)\)", (docs / "index.md").read_text("utf-8"), re.M)
    )
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")} - {"index.md"}
    assert pages - linked == set(), "add a link to each of these pages to docs/index.md"


def test_every_module_has_a_test_at_the_mirrored_path() -> None:
    for name, path in MODULES.items():
        if path.name == "__init__.py":
            continue
        relative = path.relative_to(ROOT / "minigan")
        mirrored = ROOT / "tests" / relative.parent / f"test_{relative.name}"
        assert mirrored.exists(), f"{name} has no {mirrored.relative_to(ROOT)}"


def test_import_minigan_loads_nothing_slow() -> None:
    slow = ("scipy", "PIL", "matplotlib", "tqdm", "cupy", "hypothesis")
    code = f"import minigan, sys; print([m for m in {slow} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
