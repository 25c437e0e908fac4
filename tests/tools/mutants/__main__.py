"""Mutation testing: make one small change to the maths at a time, and check that a test fails.

`python tests/tools/mutants` exits with 0 if tests/tools/mutants_equivalent.toml lists exactly the
mutants that survive, each with the reason why it equals the original for every input.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is imported

import campaigns
from mutants import campaign, generate, page, plan, report, trial

TRUSTED = 120.0  # seconds of processor time for the tests of a mutant, if the limit is not measured


def main() -> int:
    """Generate the mutants, run their tests, and print the report."""
    parser = argparse.ArgumentParser(prog="python tests/tools/mutants", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="mutants tested at a time")
    parser.add_argument("--only", nargs="+", choices=plan.FILES, metavar="FILE", default=plan.FILES)
    parser.add_argument("--sample", type=int, metavar="N", help="run N of them: see campaigns.py")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    parser.add_argument("--trust", action="store_true", help="do not test the unchanged code first")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="a file of outcomes, to continue a run"
    )
    parser.add_argument(
        "--page", action="store_true", help="rewrite the table and the reasons of docs/mutants.md"
    )
    options = parser.parse_args()
    if options.page:
        page.PAGE.write_text(page.rewritten(page.PAGE.read_text()))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        root = plan.snapshot(Path(folder).resolve())
        mutants = [mutant for file in options.only for mutant in generate.of_file(root, file)]
        if options.sample is not None:
            mutants = campaigns.sample(mutants, options.sample, name=lambda mutant: mutant.name)
        if options.list:
            for mutant in mutants:
                name = mutant.name
                print(f"{name.file}:{mutant.line}: {name.function}: {name.before} -> {name.after}")
            return 0
        began = time.perf_counter()
        trial.import_what_is_slow()
        changed = list(dict.fromkeys(mutant.name.file for mutant in mutants))
        limit = TRUSTED if options.trust else 5 + 4 * campaign.unchanged(root, changed)
        alive = campaign.survivors(root, mutants, options.jobs, limit, options.keep)
    result = report.Result(mutants, alive, report.read_reasons(), options.sample is None)
    print("\n".join(result.lines()))
    print(f"\n{time.perf_counter() - began:.0f} seconds with {options.jobs} jobs")
    return 1 if result.unexplained or result.stale else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
