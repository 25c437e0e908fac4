"""A run as one HTML file that opens anywhere, offline: `write(path)`.

history         what the run folder holds         curves, axis, svg    the log as pictures
sheets          the samples over time             figures, score       what G is worth
settings        the recipe, and what differs      markup, page         text that stays text
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from minigan.errors import UserError
from minigan.reports.html import figures, history, page, settings, sheets, surroundings
from minigan.reports.html import score as score_section
from minigan.system.files import replacing


def write(
    path: Path,
    out: Path | None = None,
    data_dir: Path | None = None,
    score: bool = True,
    quiet: bool = True,
) -> Path:
    """Write the report of the run at `path` to `out` (default: report.html in it); returns `out`.

    The same run gives the same bytes. Without `score`, the log-likelihood is left out. What takes
    time is told on standard error unless `quiet`. Raises UserError where `path` is not a run
    folder or `out` cannot be a report, OSError where it cannot be written.
    """
    out = path / "report.html" if out is None else out
    if out.is_dir():
        raise UserError(f"{out} is a folder: give --out a file, such as {out / 'report.html'}")
    if out.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"{out} must end in .html: it is a page for a browser")

    def tell(words: str) -> None:
        if not quiet:
            print(words, file=sys.stderr, flush=True)

    run = history.read(path, data_dir)
    with replacing(out) as file:  # first, so that a wrong folder is told at once
        file.write(_report(run, score, tell, quiet))
    return out


def _report(run: history.History, score: bool, tell: Callable[[str], None], quiet: bool) -> bytes:
    """The whole page, part by part from the top."""
    try:
        judgement = score_section.judgement(run)
    except UserError:  # of a checkpoint, which the sections below speak of
        judgement = None
    parts: list[page.Section] = [
        ("Samples over time", sheets.slider(*sheets.read(run.path / "samples"))),
        ("Curves", page.of_curves(run)),
        ("Figures", figures.figures(*figures.draw(run, tell))),
    ]
    if score:
        parts.append(("Log-likelihood", score_section.score_section(run, tell, quiet)))
    parts += [
        ("Checkpoints", page.of_checkpoints(run)),
        ("Recipe", settings.settings(run.recipe)),
        ("Environment", surroundings.surroundings(run.environment)),
        ("Numbers", page.of_numbers(run.lines)),
    ]
    title = f"{run.name} - a run of minigan"
    return page.page(title, page.header(run, judgement), parts)
