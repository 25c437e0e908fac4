"""Write tests/slow_tests.txt anew from the times of a run: `nox -s slow_tests`.

    pytest --junit-xml=times.xml && python tests/tools/list_slow_tests.py times.xml

Listed are the slowest test functions, as few as possible such that all others together take at most
60 seconds in one process. A share such as 1/4 that stands behind a name in the old list is kept.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

LIST = Path(__file__).resolve().parents[1] / "slow_tests.txt"
REST = 60.0  # seconds
HEAD = """\
# Test functions with the marker `slow`, which `pytest -m "not slow"` leaves out.
# 1/4: of the cases of this function a quarter runs, all of them with MINIGAN_CAMPAIGNS=complete.
# `nox -s slow_tests` measures the times and writes this list anew.
"""


def read(text: str) -> dict[str, int]:
    """Name of a test function -> n, where one in n of its cases runs."""
    words = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    return {name: int(share[0].removeprefix("1/")) if share else 1 for name, *share in words}


def seconds_of(xml: str) -> Counter[str]:
    """The seconds that each test function took, with all of its cases."""
    seconds: Counter[str] = Counter()
    for case in ElementTree.fromstring(xml).iter("testcase"):
        name = case.attrib["name"].partition("[")[0]
        seconds[name] += float(case.attrib["time"])  # type: ignore[assignment]
    return seconds


def slowest(seconds: Counter[str], rest: float = REST) -> list[str]:
    """As few functions as possible such that all others take at most `rest` seconds."""
    left, found = sum(seconds.values()), []
    for name, took in seconds.most_common():
        if left <= rest:
            break
        found.append(name)
        left -= took
    return sorted(found)


def written(names: list[str], shares: dict[str, int]) -> str:
    """The text of the list. A function with a share stays listed, however short it is."""
    sampled = {name for name, share in shares.items() if share > 1}
    lines = [f"{name} 1/{shares[name]}" if name in sampled else name for name in {*names, *sampled}]
    return HEAD + "\n".join(sorted(lines)) + "\n"


if __name__ == "__main__":
    seconds = seconds_of(Path(sys.argv[1]).read_text(encoding="utf-8"))
    known = {
        n: share for n, share in read(LIST.read_text(encoding="utf-8")).items() if n in seconds
    }
    LIST.write_text(written(slowest(seconds), known), encoding="utf-8")
