"""The generator of docs/results-of-benchmarks.md from the reports in benchmarks/results/.

    python benchmarks/results_page.py            writes the page
    python benchmarks/results_page.py --check    exit status 1 if the page is not up to date

A report is a file of `minigan bench --json` or `python benchmarks --json`; its name ends in .json.
The page lists the reports by date. A report of --quick raises an error, because its times mean
nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from minigan.bench import Measurements
from minigan.bench.history import history_table, read_history
from minigan.bench.tables import read
from minigan.errors import UserError
from minigan.system.files import write_atomically

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "results-of-benchmarks.md"
BEGINNING = """# Results of benchmarks

`python benchmarks/results_page.py` generates this page from the reports in `benchmarks/results/`.
[benchmarks/README.md](../benchmarks/README.md) describes how to add a report,
[performance](performance.md) what is measured and how.
"""
NONE_YET = "\nThere is no report yet.\n"


def reports(folder: Path) -> list[Measurements]:
    """Every report in the folder, oldest first. Raises UserError for a report of --quick."""
    found = []
    for file in sorted(folder.glob("*.json")):
        report = read(file)
        if report.environment.get("extent", "").startswith("quick"):
            raise UserError(f"{file.name} is a report of --quick: its times mean nothing")
        found.append(report)
    return sorted(found, key=lambda report: report.date)


def page(found: Sequence[Measurements]) -> str:
    """The whole page, with one section for each report."""
    if not found:
        return BEGINNING + NONE_YET
    return BEGINNING + "".join(map(_section, found))


def history(folder: Path) -> str:
    """The section with the ratios of each commit in the folder."""
    return (
        "\n## History by commit\n\n"
        "`minigan bench --history benchmarks/results/history` prints these ratios to the limit,\n"
        "from the reports of `python benchmarks/commits.py`: the median of a commit's reports ±\n"
        "half their range. A ratio below 1 and a large range are noise of a busy machine.\n\n"
        "![The ratios to the limit, by commit](images/benchmark-history.png)\n\n"
        f"{history_table(read_history(folder))}"
    )


def _section(report: Measurements) -> str:
    facts, when = report.environment, report.date[:16].replace("T", " ")
    tables = re.sub("^## ", "### ", report.to_markdown(), flags=re.MULTILINE)
    return f"\n## {facts['processor']}, {facts['threads']} threads, {when} UTC\n\n{tables}"


def main(arguments: Sequence[str]) -> int:
    """Write the page; with --check, return 1 if the existing page differs from the new one."""
    text = page(reports(HERE / "results")) + history(HERE / "results" / "history")
    if "--check" in arguments:
        return 0 if PAGE.read_text("utf-8") == text else 1
    write_atomically(PAGE, text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
