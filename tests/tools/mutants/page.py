"""The part of docs/mutants.md that is generated: the table of files, and the reasons.

    generated     the number of mutants of a file
    equivalent    those in mutants_equivalent.toml
    killed        all others

`python tests/tools/mutants --page` rewrites this part after a campaign or a merge.
"""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path

from mutants import generate, plan, report

PAGE = plan.ROOT / "docs" / "mutants.md"
HEADING = "## The runs\n"
COLUMNS = 128


def rewritten(text: str, root: Path = plan.ROOT) -> str:
    """The text of the page with a new table and a new list of reasons."""
    return text.partition(HEADING)[0] + HEADING + _runs(root) + reasons()


def reasons() -> str:
    """The section with each reason, the number of its mutants, and their files."""
    lines = [
        "## The equivalent mutants, and the reasons\n",
        _wrapped(
            "The changes are listed in [`tests/tools/mutants_equivalent.toml`]"
            "(../tests/tools/mutants_equivalent.toml)."
        ),
        "",
    ]
    for group in tomllib.loads(report.LISTED.read_text())["group"]:
        files = ", ".join(sorted({f"`{short(mutant[0])}`" for mutant in group["mutants"]}))
        head = f"- **{group['name']}** ({len(group['mutants'])}: {files})."
        lines.append(_wrapped(f"{head} {group['reason']}", "  "))
    return "\n".join(lines) + "\n"


def _runs(root: Path) -> str:
    equivalent = [name.file for name in report.read_reasons()]
    rows, total = [], [0, 0, 0]
    for file in plan.FILES:
        generated = len(list(generate.of_file(root, file)))
        listed = equivalent.count(file)
        numbers = [generated, generated - listed, listed]
        rows.append(f"| {short(file)} | {' | '.join(map(str, numbers))} | 0 |")
        total = [a + b for a, b in zip(total, numbers, strict=True)]
    lines = [
        "",
        "These files have been run completely. Every survivor is listed as equivalent:",
        "",
        "| file | generated | killed | equivalent | surviving |",
        "|---|---|---|---|---|",
        *rows,
        f"| all | {' | '.join(map(str, total))} | 0 |",
        "",
    ]
    return "\n".join(lines) + "\n"


def short(file: str) -> str:
    """The name of a file on the page: minigan/a/b.py is a/b."""
    return file.removeprefix("minigan/").removesuffix(".py")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
