"""`minigan completion`: the script completes words in a real shell."""

from __future__ import annotations

import subprocess
import sys

import pytest
from refused import refused

from minigan import cli

COMPLETE = """
source ./script
COMP_WORDS=({words}) COMP_CWORD={last}
_shtab_minigan "" "{word}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def script(capsys, tmp_path):
    assert cli.main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("minigan tr", ["train"]),
        ("minigan train helv", ["helvetica"]),
        ("minigan train --iter", ["--iterations"]),
        ("minigan data fetch fash", ["fashion-mnist"]),
        ("minigan sample my_r", ["my_run"]),
    ],
)
@pytest.mark.usefixtures("script")
def test_bash_completes_commands_recipes_options_and_paths(tmp_path, line, expected):
    (tmp_path / "my_run").mkdir()
    words = line.split()
    code = COMPLETE.format(words=line, last=len(words) - 1, word=words[-1])
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_get_a_script(capsys, shell):
    assert cli.main(["completion", shell]) == 0
    assert "helvetica" in capsys.readouterr().out


def test_without_shtab_one_sentence_has_the_command_that_installs_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    sentence = refused(capsys, ["completion", "bash"])
    assert sentence.startswith("minigan: completion needs shtab: ")
    assert sentence.endswith("-m pip install shtab") or "minigan[completion]" in sentence
    assert "fish" in refused(capsys, ["completion", "fish"])
