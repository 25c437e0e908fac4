"""The result of a run: docs/kernel-faults.md, and the survivors without a reason."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel_faults.campaign import SAME, SURVIVES, CheckResult
from kernel_faults.fault import Name

HEAD = Path(__file__).parent / "head.md"


@dataclass(frozen=True)
class Group:
    """Faults that no test can detect, with the reason."""

    name: str
    reason: str
    faults: tuple[Name, ...]


def read_reasons(path: Path) -> list[Group]:
    """The groups of equivalent.toml."""
    groups = tomllib.loads(path.read_text(encoding="utf-8")).get("group", [])
    return [
        Group(group["name"], group["reason"].strip(), tuple(Name(*n) for n in group["faults"]))
        for group in groups
    ]


@dataclass(frozen=True)
class Result:
    """The outcomes of one run, in the order of the source, planted ones first."""

    outcomes: Sequence[CheckResult]
    groups: Sequence[Group]
    seconds: int
    jobs: int

    @classmethod
    def of(
        cls, outcomes: Iterable[CheckResult], groups: Sequence[Group], seconds: int, jobs: int
    ) -> Result:
        """The outcomes in the order of the page."""
        in_order = sorted(
            outcomes,
            key=lambda o: (not o.fault.planted, o.fault.name.file, o.fault.start, o.fault.name),
        )
        return cls(in_order, groups, seconds, jobs)

    @property
    def listed(self) -> dict[Name, Group]:
        """The group of each fault that is listed as equivalent."""
        return {name: group for group in self.groups for name in group.faults}

    @property
    def unexplained(self) -> list[CheckResult]:
        """Survivors without a reason."""
        alive = (outcome for outcome in self.outcomes if outcome.how == SURVIVES)
        return [outcome for outcome in alive if outcome.fault.name not in self.listed]

    def stale(self, complete: bool) -> list[Name]:
        """Reasons for faults that were detected; after a complete run, also for removed faults."""
        alive = {o.fault.name for o in self.outcomes if o.how == SURVIVES}
        tried = {o.fault.name for o in self.outcomes}
        return [n for n in self.listed if n not in alive and (complete or n in tried)]

    def summary(self) -> Iterator[str]:
        """The counts by how the faults were detected, and the survivors without a reason."""
        planted = sum(outcome.fault.planted for outcome in self.outcomes)
        yield f"{planted} planted and {len(self.outcomes) - planted} generated faults"
        for how, count in Counter(outcome.how for outcome in self.outcomes).most_common():
            yield f"    {count:4}  {how}"
        for outcome in self.unexplained:
            name = outcome.fault.name
            yield f"\nsurvives without a reason: {list(name)}"
        for name in self.stale(complete=False):
            yield f"\nlisted as equivalent, but caught: {list(name)}"
        yield f"{self.seconds} seconds with {self.jobs} jobs"

    def page(self) -> str:
        """The page of the docs: the text of head.md, counts, survivors, and all faults."""
        parts = [HEAD.read_text(encoding="utf-8").strip(), *self._counts(), *self._survivors()]
        return "\n".join([*parts, *self._list()]) + "\n"

    def _counts(self) -> Iterator[str]:
        hows = Counter((o.how, o.fault.planted) for o in self.outcomes)
        yield "\n## The run\n"
        yield "| noticed by | planted | generated |\n|---|---|---|"
        ranked = Counter(o.how for o in self.outcomes if o.caught).most_common()
        left = [SAME, SURVIVES]
        for how in [*(how for how, _ in ranked), *left]:
            words = f"nothing: {how}" if how in left else how
            yield f"| {words} | {hows[how, True]} | {hows[how, False]} |"
        planted = sum(o.fault.planted for o in self.outcomes)
        yield f"| **all** | **{planted}** | **{len(self.outcomes) - planted}** |"

    def _survivors(self) -> Iterator[str]:
        yield "\n## Faults that no test can detect, and why\n"
        yield (
            "- **The same PTX**: the compiler generates the same instructions for both. The list "
            "below marks these faults."
        )
        for group in self.groups:
            yield f"- **{group.name}** ({len(group.faults)}): {' '.join(group.reason.split())}"
        for outcome in self.unexplained:
            yield f"- not explained: {_change(outcome)}"

    def _list(self) -> Iterator[str]:
        last = ""
        for number, outcome in enumerate(self.outcomes, 1):
            name = outcome.fault.name
            kind = "planted" if outcome.fault.planted else name.function
            if kind != last:
                yield (
                    f"\n## {kind[0].upper()}{kind[1:]}\n"
                    if kind == "planted"
                    else f"\n## `{kind}`\n"
                )
                yield "| no. | before → after | noticed by |\n|---|---|---|"
            last = kind
            words = f"{outcome.fault.words}: " if outcome.fault.planted else ""
            yield f"| {number} | {words}{_change(outcome)} | {self._noticed(outcome)} |"

    def _noticed(self, outcome: CheckResult) -> str:
        if outcome.how == SURVIVES:
            group = self.listed.get(outcome.fault.name)
            return f"**nothing**: {group.name if group else 'not explained'}"
        if outcome.how == SAME:
            return "nothing: the same PTX"
        test = outcome.test.rpartition("/")[2].replace("|", "\\|")
        return f"{outcome.how}; `{test}`" if test else outcome.how


def _change(outcome: CheckResult) -> str:
    name = outcome.fault.name
    file = f"{Path(name.file).name}, {name.function}: " if outcome.fault.planted else ""
    before, after = (_code(text) for text in (name.before, name.after))
    return f"{file}{before} → {after}"


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if text else "nothing"
