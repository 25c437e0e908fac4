"""`import minigan` is fast, and its modules are imported when they are first used."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import minigan

HEAVY = {"scipy", "PIL", "matplotlib", "tqdm", "threadpoolctl", "tomli_w", "cupy", "torch"}


def modules_after(statement):
    """The top-level modules loaded in a fresh Python after a statement."""
    code = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_importing_minigan_loads_nothing_heavy():
    loaded = modules_after("import minigan")
    assert "minigan" in loaded
    assert loaded & HEAVY == set()


def test_using_a_layer_or_a_recipe_loads_only_numpy():
    loaded = modules_after(
        "import minigan; minigan.Linear; minigan.algorithm1; import minigan.training.recipes"
    )
    assert "numpy" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("name", minigan.__all__)
def test_every_public_name_is_imported_when_it_is_used(name):
    value = getattr(minigan, name)
    assert value.__doc__
    assert not inspect.ismodule(value)


@pytest.mark.parametrize("name", minigan.__all__)
def test_every_public_name_has_an_example(name):
    """The examples are in docs/api.md; tests/test_repository.py runs them."""
    text = (Path(__file__).parent.parent / "docs" / "api.md").read_text("utf-8")
    examples = "\n".join(re.findall(r"^(?:>>>|\.\.\.) .*$", text, re.MULTILINE))
    assert re.search(rf"\bmg\.{name}\b", examples)


def test_a_package_is_imported_when_it_is_used():
    assert minigan.theory.__name__ == "minigan.theory"


def test_dir_has_the_public_names_and_packages():
    assert {*minigan.__all__, "__version__", "theory"} <= set(dir(minigan))


def test_an_unknown_name_raises_attribute_error():
    with pytest.raises(AttributeError, match="module 'minigan' has no attribute 'nonsense'"):
        _ = minigan.nonsense
    assert not hasattr(minigan, "numpy")
