"""The lines of CUDA source, function by function, in which a slip is possible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
FUNCTION = re.compile(
    r'^(?:extern "C" __global__ void|__device__ \w+) (\w+)'
    r"\(([^{]*)\)\s*\{([^\n]+(?=\}$)|.*?(?=^\}))",
    re.DOTALL | re.MULTILINE,
)
CONSTANT = re.compile(r"^const int \w+ = \d+;", re.MULTILINE)
POINTER = re.compile(r"(?:const )?(\w+)\* (\w+)")
NUMBER = re.compile(r"(\w+) (\w+)")


@dataclass(frozen=True)
class Line:
    """A line of code, with its function, its start in the file, and its text without comments."""

    function: str
    start: int
    code: str
    neighbours: dict[str, str]  # parameter -> the next parameter of its type


def lines(source: str) -> Iterator[Line]:
    """The lines that are changed: the bodies of functions, and the constants above them."""
    code = COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), source)
    for constant in CONSTANT.finditer(code):
        yield Line("constants", constant.start(), constant[0], {})
    for function in FUNCTION.finditer(code):
        neighbours, start = next_of_type(function[2]), function.start(3)
        for text in function[3].split("\n"):
            if text.strip():
                yield Line(function[1], start, text, neighbours)
            start += len(text) + 1


def next_of_type(parameters: str) -> dict[str, str]:
    """Each parameter with the next one of its type; the last one with the first."""
    of_type: dict[str, list[str]] = {}
    for parameter in parameters.split(","):
        if found := POINTER.search(parameter):
            of_type.setdefault(f"{found[1]}*", []).append(found[2])
        elif found := NUMBER.search(parameter):
            of_type.setdefault(found[1], []).append(found[2])
    return {
        name: names[(i + 1) % len(names)]
        for names in of_type.values()
        if len(names) > 1
        for i, name in enumerate(names)
    }
