"""The report of a run as a single HTML file without external resources: `write(path)`.

history                reads the run folder
sheets                 the sample sheets, with a slider
curves, axis, svg      the log as charts
figures, score         the paper's figures and the log-likelihood of G
quality                the image statistics of G
settings               the recipe, and its changed settings
environment            the software and hardware of the run
markup, page           HTML with all text escaped
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from minigan.errors import UserError
from minigan.reports.html import environment, figures, history, page, quality, settings, sheets
from minigan.reports.html import score as score_section
from minigan.system import links
from minigan.system.files import replacing
from minigan.system.messages import say


def write(
    path: Path,
    out: Path | None = None,
    data_dir: Path | None = None,
    score: bool = True,
    quiet: bool = True,
) -> Path:
    """Writes the report of the run at `path` to `out` and returns `out`.

    The default of `out` is report.html in the run folder. The same run gives the same bytes. With
    score=False, the log-likelihood and the image statistics are left out. Progress is logged to
    standard error unless `quiet`; a damaged checkpoint always is. Raises UserError if `path` is not
    a run folder or `out` is not a .html file, and OSError if the file cannot be written.
    """
    out = links.inside(path, "report.html") if out is None else out
    if out.is_dir():
        raise UserError(f"{out} is a folder: give --out a file, such as {out / 'report.html'}")
    if out.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"{out} must end in .html: the report is an HTML file")

    def log(message: str) -> None:
        if not quiet:
            say(message)

    run = history.read(path, data_dir)
    for fault in run.damaged.values():
        say(f"warning: {fault}")
    with replacing(out) as file:  # opened first, so that a wrong folder is reported immediately
        file.write(_report(run, score, log, quiet))
    return out


def _report(run: history.History, score: bool, log: Callable[[str], None], quiet: bool) -> bytes:
    """The content of the file, section by section."""
    try:
        assessed = score_section.quality_of_last_checkpoint(run)
    except UserError:  # an unusable checkpoint; the sections below report it
        assessed = None
    parts: list[page.Section] = [
        (
            "Samples over time",
            sheets.sheets_section(*sheets.read(links.inside(run.path, "samples"))),
        ),
        ("Curves", page.curves_section(run)),
        ("Figures", figures.figures_section(*figures.draw(run, log))),
    ]
    if score:
        parts.append(("Log-likelihood", score_section.score_section(run, log, quiet)))
        parts.append(("Image statistics", quality.quality_section(run, log)))
    parts += [
        ("Checkpoints", page.checkpoints_section(run)),
        ("Recipe", settings.settings_section(run.recipe, run.environment.get("parts"))),
        ("Environment", environment.environment_section(run.environment)),
        ("Log", page.log_section(run.lines)),
    ]
    title = f"{run.name} - minigan run report"
    return page.page(title, page.header(run, assessed), parts)
