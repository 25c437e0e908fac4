"""Compare gradient checkers on planted bugs and on right gradients.

    python benchmarks/gradcheck                           all bugs, all right gradients
    python benchmarks/gradcheck --only bugs --tools minigan,torch
    python benchmarks/gradcheck --sample 100              100 cases of each part
    python benchmarks/gradcheck --case linear/bias_mean   what each checker says about one case

A checker whose library is not installed is left out, with a remark.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import judge
import numpy as np
import processes
import tables
from checkers import CHECKERS
from corpus import BUGS, FAMILIES, case_of
from corpus.operation import Bug

SEEDS = 20  # right gradients of each family


def main() -> None:
    """Run the parts and write the tables."""
    options = parsed()
    if options.case:
        show_case(options.case, options.tools)
        return
    report: dict[str, Any] = {"python": platform.python_version(), "numpy": np.__version__}
    text = []
    for part in options.only:
        report[part] = measure(sampled(names_of(part), options.sample), options)
        text.append(tables.markdown(part, report[part]))
        print(text[-1] + "\n", flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text("\n\n".join(text) + "\n", encoding="utf-8")


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/gradcheck", description="Compare gradient checkers."
    )
    parser.add_argument("--only", choices=["bugs", "right"], help="one part; without it, both")
    parser.add_argument("--tools", default=",".join(CHECKERS), help=f"of {','.join(CHECKERS)}")
    parser.add_argument("--sample", type=int, metavar="N", help="N cases of each part")
    parser.add_argument("--case", metavar="NAME", help="show what the tools say about one case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="tools at once")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every result")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    options = parser.parse_args()
    options.only = [options.only] if options.only else ["bugs", "right"]
    options.tools = options.tools.split(",")
    if unknown := sorted(set(options.tools) - set(CHECKERS)):
        parser.error(f"no tool is called {unknown[0]}; choose from {', '.join(CHECKERS)}")
    for name in ("sample", "jobs"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name} is {value}; it must be at least 1")
    if options.case:
        try:
            case_of(options.case)
        except KeyError:
            parser.error(
                f"no case is called {options.case}; a name is OPERATION/BUG or FAMILY/SEED"
            )
    return options


def names_of(part: str) -> list[str]:
    """The names of all cases of a part."""
    if part == "bugs":
        return list(BUGS)
    return [f"{family}/{seed}" for seed in range(SEEDS) for family in FAMILIES]


def sampled(names: Sequence[str], count: int | None) -> list[str]:
    """A random sample of at most `count` names, the same in each run, in the order of `names`."""
    if count is None or count >= len(names):
        return list(names)
    chosen = set(random.Random(2014).sample(names, count))
    return [name for name in names if name in chosen]


def measure(names: Sequence[str], options: argparse.Namespace) -> dict[str, Any]:
    """For each checker its version and the records of the cases, or why it is missing."""
    report: dict[str, Any] = {}
    for checker, found in processes.run(options.tools, names, options.jobs).items():
        if "missing" in found:
            report[checker] = {"missing": found["missing"]["text"]}
            continue
        records = {name: record(checker, name, found[name]) for name in names}
        report[checker] = {"version": found["version"]["text"], "cases": records}
    return report


def record(checker: str, name: str, result: dict[str, Any]) -> dict[str, Any]:
    """The verdict on a result, with the diagnosis of a caught bug, the text and the seconds."""
    case = case_of(name)
    verdict, said = judge.verdict(case, result), ""
    if checker == "minigan" and isinstance(case, Bug) and verdict == "caught":
        said = judge.diagnosis(case, result)
    return {
        "verdict": verdict,
        "diagnosis": said,
        "text": result["text"],
        "seconds": round(result.get("seconds", processes.LIMIT), 4),
    }


def show_case(name: str, checkers: Sequence[str]) -> None:
    """Print the verdict and the text of each checker for one case."""
    case = case_of(name)
    if isinstance(case, Bug):
        print(f"wrong: {', '.join(judge.wrong_inputs(case)) or 'no gradient at the first call'}")
    for checker, found in processes.run(checkers, [name], 1).items():
        if "missing" in found:
            print(f"\n{checker}: not installed ({found['missing']['text']})")
            continue
        one = record(checker, name, found[name])
        said = f", diagnosis {one['diagnosis']}" if one["diagnosis"] else ""
        print(f"\n{checker}: {one['verdict']}{said}, {one['seconds']:.2f} s\n{one['text']}")


if __name__ == "__main__":
    sys.exit(main())
