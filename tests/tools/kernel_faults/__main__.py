"""Put faults into the kernels and their launching code, one at a time: a test must detect each.

`python tests/tools/kernel_faults` needs CuPy and NVRTC, but no GPU. A complete run writes all
faults and how each was detected to docs/kernel-faults.md. The exit status is 0 if equivalent.toml
in this folder lists exactly the faults that survive, each with the reason why no test can detect
it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is imported

import campaigns
from kernel_faults import campaign, fault, generate, plan, report


def main() -> int:
    """Generate the faults, run the tests on each, and write the report."""
    parser = argparse.ArgumentParser(prog="python tests/tools/kernel_faults", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="faults tried at a time")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="functions or files, by name")
    parser.add_argument("--sample", type=int, metavar="N", help="run N of them: see campaigns.py")
    parser.add_argument("--list", action="store_true", help="print the faults and run nothing")
    parser.add_argument(
        "--all", action="store_true", help="run all generated faults, not a selection"
    )
    parser.add_argument("--trust", action="store_true", help="skip the run without a fault")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="a file of outcomes, to continue a run"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = plan.snapshot(Path(folder).resolve())
        listed = tomllib.loads((root / plan.PLANTED.relative_to(plan.ROOT)).read_text("utf-8"))
        source = (root / fault.KERNELS).read_text(encoding="utf-8")
        generated = generate.of_source(source)
        chosen = generated if options.all else generate.some(generated)
        faults = [*chosen, *fault.planted(root, listed)]
        if options.only:
            words = set(options.only)
            faults = [f for f in faults if words & words_of(f)]
        if options.sample is not None:
            faults = campaigns.sample(faults, options.sample, name=lambda one: one.name)
        if options.list:
            for one in faults:
                print(f"{one.name.function}: {one.words}: {one.name.before} -> {one.name.after}")
            return 0
        began = time.perf_counter()
        campaign.prepare(root)
        limit = 300 if options.trust else round(20 + 3 * campaign.unchanged(root))
        found = campaign.kept(options.keep, faults) if options.keep else []
        known = {outcome.fault.name for outcome in found}
        faults = [f for f in faults if f.name not in known]
        for outcome in campaign.outcomes(root, faults, options.jobs, limit, source):
            found.append(outcome)
            if options.keep:
                campaign.keep(options.keep, outcome)
    took = campaign.seconds_since(began)
    result = report.Result.of(found, report.read_reasons(plan.EQUIVALENT), took, options.jobs)
    complete = not options.only and options.sample is None
    if complete:
        plan.RESULT.write_text(result.page(), encoding="utf-8")
    print("\n".join(result.summary()))
    return 1 if result.unexplained or result.stale(complete) else 0


def words_of(one: fault.Fault) -> set[str]:
    """The words by which `--only` selects a fault."""
    planted = {"planted"} if one.planted else set()
    return {one.name.function, Path(one.name.file).stem} | planted


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
