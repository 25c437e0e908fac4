"""The one sentence of a command line that cannot be done."""

from __future__ import annotations

from minigan import cli


def refused(capsys, arguments):
    """The one sentence that a wrong input gets, with exit status 2 and nothing printed."""
    try:
        status = cli.main(arguments)
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith("minigan: ")
    assert "Traceback" not in err
    return sentence
