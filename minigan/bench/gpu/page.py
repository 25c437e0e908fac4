"""A verification for people, as Markdown: what it holds for, what was checked, what it takes."""

from __future__ import annotations

import json
from typing import Any

from minigan.bench.gpu.verified import Verification
from minigan.bench.tables import TableRow, markdown


def verification_page(record: Verification) -> str:
    """The whole record, failures first."""
    parts = [_head(record)]
    if record.failures:
        parts.append("## What failed\n\n" + "\n".join(f"- {words}" for words in record.failures))
    parts.append(_checks(record))
    if record.repeated:
        parts.append(_repeated(record))
    parts.append(_sanitizer(record))
    for table in record.timings:
        headings = [column.heading for column in table.columns]
        parts.append(f"## {table.title}\n\n{markdown(headings, table.rows)}")
    if not record.timings:
        parts.append("Nothing was timed: what is wrong is not timed.")
    if record.peers:
        parts.append(f"PyTorch and JAX: {record.peers}.")
    return "\n\n".join(parts) + "\n"


def _head(record: Verification) -> str:
    commit = record.commit or "not known"
    facts = {
        "commit": f"{commit}, with changes" if record.changed else commit,
        **{f"device: {name}": value for name, value in record.device.items()},
        **record.versions,
    }
    if record.quick:
        facts["workload"] = (
            "quick: tiny networks; this verifies nothing, and the times mean nothing"
        )
    lines = [f"- {name}: {_words(value)}" for name, value in facts.items()]
    return f"Measured {record.date}\n\n" + "\n".join(lines)


def _checks(record: Verification) -> str:
    rows: list[TableRow] = [
        (c.name, c.error, c.allowed, c.told, c.fault or ("yes" if c.passed else "no"))
        for c in record.checks
    ]
    table = markdown(["check", "largest error", "allowed", "measured as", "passed"], rows)
    good = sum(check.passed for check in record.checks)
    return f"## Parity with the CPU: {good} of {len(rows)} checks passed\n\n{table}"


def _repeated(record: Verification) -> str:
    rows: list[TableRow] = [
        (
            r.schedule,
            r.iterations,
            "the same bits" if r.passed else f"apart after {r.apart_after} iterations",
        )
        for r in record.repeated
    ]
    return "## Played twice\n\n" + markdown(["schedule", "iterations", "theta and v"], rows)


def _sanitizer(record: Verification) -> str:
    if not record.findings:
        return f"compute-sanitizer: {record.sanitizer}."
    verdict = {True: "passed", False: "failed", None: "did not run"}
    rows: list[TableRow] = [
        (f.tool, verdict[f.passed], f.errors, f.of_kernels) for f in record.findings
    ]
    table = markdown(["tool", "verdict", "errors", "of them in minigan's kernels"], rows)
    return f"## compute-sanitizer\n\n{table}"


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
