"""The benchmark for developers: all topics of `minigan bench`, and a comparison with peers.

    python benchmarks --quick                     tiny sizes: tests that everything works
    python benchmarks --full --json FILE          everything; takes half an hour
    python benchmarks --only peers --batches 100  one topic
    python benchmarks --compare OLD.json          ratios to an earlier report
    python benchmarks --only peers --peers minigan --beside ../before
                                                  the effect of a change: two checkouts in turn

results_page.py generates docs/results-of-benchmarks.md from the JSON files in benchmarks/results/.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from against import Case, image_case, peer_tables
from threadpoolctl import threadpool_limits
from worker import PEERS

from minigan import bench
from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import tables
from minigan.bench.parzen import parzen_table
from minigan.bench.topics import WORKLOADS
from minigan.system.files import write_atomically

TOPICS = (*bench.TOPICS, "peers")


def main() -> None:
    """Read the command line, measure, print Markdown, and write JSON if --json is given."""
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__.split("\n")[0])
    workload = parser.add_mutually_exclusive_group()
    workload.add_argument("--quick", action="store_true", help="tiny sizes; the times mean nothing")
    workload.add_argument("--full", action="store_true", help="the full sizes (the default)")
    parser.add_argument("--only", help=f"topics separated by commas: {','.join(TOPICS)}")
    parser.add_argument(
        "--peers", help=f"peers separated by commas: {','.join(PEERS)}; minigan is always included"
    )
    parser.add_argument("--recipes", help="recipes of the topic peers, separated by commas")
    parser.add_argument("--beside", type=Path, help="another checkout of minigan, as a peer")
    parser.add_argument("--batches", help="minibatch sizes separated by commas")
    parser.add_argument("--rounds", type=int, help="number of rounds")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, help="write the report to this file")
    parser.add_argument("--compare", type=Path, help="an earlier report; prints the ratios to it")
    options = parser.parse_args()

    if options.beside and not (options.beside / "minigan").is_dir():
        parser.error(f"{options.beside} is not a checkout of minigan")
    topics = options.only.split(",") if options.only else list(TOPICS)
    batches = tuple(int(m) for m in options.batches.split(",")) if options.batches else ()
    package_topics = [topic for topic in topics if topic not in ("peers", "parzen")]

    def keep(report: bench.Measurements) -> bench.Measurements:
        if options.json:
            write_atomically(options.json, report.to_json().encode())
        return report

    size_name = "quick" if options.quick else "full"
    report = bench.run(
        package_topics,
        size_name,
        options.threads,
        batches=batches,
        rounds=options.rounds or 0,
        quiet=False,
        keep=keep,
    )
    size = WORKLOADS[size_name]
    if options.rounds:
        size = replace(size, rounds=options.rounds)
    if "parzen" in topics:
        from peers import kernel_density

        with threadpool_limits(options.threads, user_api="blas"):
            others = {kernel_density.VERSION: kernel_density.log_likelihoods}
            table = parzen_table(size.parzen, rounds=max(2, size.rounds // 3), others=others)
        report = keep(report.with_table(table))
    if "peers" in topics:
        chosen = options.peers.split(",") if options.peers else PEERS
        names = [name for name in PEERS if name == "minigan" or name in chosen]
        if options.beside:
            names.insert(1, f"minigan in {options.beside}")
        of_mnist = batches or (size.batches[-1:] if options.quick else size.batches)
        cases = [
            *(Case(order, m, size.width) for order in UPDATE_ORDERS for m in of_mnist),
            # A narrower G moves so little at first that rounding would decide the check.
            *(image_case(name, batches, max(size.width, 0.25)) for name in size.recipes),
        ]
        if options.recipes:
            cases = [case for case in cases if case.recipe in options.recipes.split(",")]
        for table, facts in peer_tables(
            cases,
            names=names,
            rounds=size.rounds,
            at_least=5 * size.at_least,
            threads=options.threads,
        ):
            report = replace(report, environment={**report.environment, **facts})
            report = keep(report.with_table(table))
    print(report.to_markdown())
    if options.compare:
        print(bench.compare(tables.read(options.compare), report))


if __name__ == "__main__":
    sys.exit(main())
