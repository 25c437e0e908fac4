"""The record of a verification as a Markdown page: environment, checks, times."""

from __future__ import annotations

from minigan.bench.gpu.verified import Verification
from minigan.bench.tables import TableRow, fact_text, markdown_table


def verification_page(record: Verification) -> str:
    """The page; failures come first."""
    parts = [_head(record)]
    if record.failures:
        parts.append(
            "## What failed\n\n" + "\n".join(f"- {failure}" for failure in record.failures)
        )
    parts.append(_checks(record))
    if record.repeated:
        parts.append(_repeated(record))
    parts.append(_sanitizer(record))
    for table in record.timings:
        headings = [column.heading for column in table.columns]
        parts.append(f"## {table.title}\n\n{markdown_table(headings, table.rows)}")
    if not record.timings:
        parts.append("Nothing was timed, because a check failed.")
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
    lines = [f"- {name}: {fact_text(value)}" for name, value in facts.items()]
    return f"Measured {record.date}\n\n" + "\n".join(lines)


def _checks(record: Verification) -> str:
    rows: list[TableRow] = [
        (c.name, c.error, c.allowed, c.metric, c.fault or ("yes" if c.passed else "no"))
        for c in record.checks
    ]
    table = markdown_table(["check", "largest error", "allowed", "measured as", "passed"], rows)
    passed = sum(check.passed for check in record.checks)
    return f"## Parity with the CPU: {passed} of {len(rows)} checks passed\n\n{table}"


def _repeated(record: Verification) -> str:
    rows: list[TableRow] = [
        (
            r.schedule,
            r.iterations,
            "the same bits" if r.passed else f"different after {r.apart_after} iterations",
        )
        for r in record.repeated
    ]
    return "## Trained twice\n\n" + markdown_table(["schedule", "iterations", "theta and v"], rows)


def _sanitizer(record: Verification) -> str:
    if not record.findings:
        return f"compute-sanitizer: {record.sanitizer}."
    verdict = {True: "passed", False: "failed", None: "did not run"}
    rows: list[TableRow] = [
        (f.tool, verdict[f.passed], f.errors, f.of_kernels) for f in record.findings
    ]
    table = markdown_table(["tool", "verdict", "errors", "of them in minigan's kernels"], rows)
    return f"## compute-sanitizer\n\n{table}"
