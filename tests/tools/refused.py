"""The error message of a command line that is refused."""

from __future__ import annotations

from minigan import cli


def refused(capsys, arguments):
    """Run a wrong command: it must exit with status 2 and print one sentence, on stderr only."""
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
