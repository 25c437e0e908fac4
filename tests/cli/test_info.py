"""`minigan info`: text and JSON."""

from __future__ import annotations

import json

from minigan import cli
from minigan.cli import information
from minigan.system import environment


def test_info_prints_the_information(capsys):
    assert cli.main(["info"]) == 0
    assert capsys.readouterr().out == information.information() + "\n"


def test_info_as_json_is_the_environment(capsys):
    assert cli.main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == environment.environment()
