"""The history of the benchmark: measures several commits, one after the other, on this machine.

    python benchmarks/commits.py v1 main                    topics iteration and layers, one thread
    python benchmarks/commits.py --only parzen HEAD~20 HEAD
    minigan bench --history benchmarks/results/history      draws and prints what is there

Each commit is unpacked into a temporary folder, where its own `minigan bench` runs, and its report
gets the facts `commit` and `committed`. Times of different reports differ with the load of the
machine, so `--history` shows their ratios to the limit, which is measured in turn with minigan.
Measure a commit several times on a busy machine: the median of its reports is shown.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

from minigan.bench import tables
from minigan.system.files import write_atomically

HERE = Path(__file__).parent
FOLDER = HERE / "results" / "history"


def facts_of(commit: str) -> dict[str, str]:
    """The full name of a commit and its date, as facts of a report."""
    name, date = _git("show", "-s", "--format=%H%n%cI", f"{commit}^{{commit}}").decode().split()
    return {"commit": name, "committed": date}


def measure(commit: str, only: str, threads: int) -> tables.Measurements:
    """The report of the benchmark of that commit, with the facts of the commit."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(_git("archive", commit, "minigan"))) as archive:
            archive.extractall(folder, filter="data")
        out = Path(folder, "report.json")
        bench = (sys.executable, "-m", "minigan", "bench", "--only", only, "--threads", threads)
        command = [*map(str, bench), "--quiet", "--json", str(out)]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        report = tables.read(out)
    return replace(report, environment={**report.environment, **facts_of(commit)})


def main() -> None:
    """Measure the commits of the command line; each report is written when it is finished."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("commits", nargs="+", help="names of commits, as git knows them")
    parser.add_argument("--only", default="iteration,layers", help="topics of minigan bench")
    parser.add_argument("--threads", type=int, default=1, help="threads of the BLAS")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the reports go")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for commit in options.commits:
        report = measure(commit, options.only, options.threads)
        time = report.date[:16].replace(":", "")
        name = f"{time}-{report.environment['commit'][:7]}.json"
        write_atomically(options.folder / name, report.to_json().encode())
        print(options.folder / name)


def _git(*arguments: str) -> bytes:
    command = ["git", "-C", str(HERE.parent), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
