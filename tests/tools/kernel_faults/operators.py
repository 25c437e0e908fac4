"""Slips: small mistakes of a programmer in one line of CUDA.

A slip changes a comparison, sign, operator, bound, constant, buffer, index or type, replaces a
guard by true or false, swaps the two values of a conditional expression, or deletes a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kernel_faults.source import Line


class Slip(NamedTuple):
    """`text` replaces the text from `start` to `stop` of a line; `words` describe the slip."""

    start: int
    stop: int
    text: str
    words: str


def _both_ways(pairs: dict[str, str]) -> dict[str, str]:
    return pairs | {b: a for a, b in pairs.items()}


COMPARISON = re.compile(r"(?<![<>=!-])(<=|>=|==|!=|<|>)(?![<>=])")
COMPARISONS = _both_ways({"<": "<=", ">": ">=", "==": "!="})
OPERATOR = re.compile(r"(?<= )(\+=|-=|/=|>>|&&|\|\||[-+*/%^&])(?= )")
OPERATORS = _both_ways({"+": "-", "+=": "-=", "&&": "||"}) | {
    "*": "+",
    "/": "*",
    "%": "/",
    "/=": "-=",
    ">>": "<<",
    "^": "&",
    "&": "|",
}
MINUS = re.compile(r"(?<![-\w])-(?=[A-Za-z(])")
INTEGER = re.compile(r"(?<![\w.])\d+(?=\.\d+f?\b|\b(?!\.))")
HEX = re.compile(r"\b0x[0-9a-fA-F]+")
CONDITION = re.compile(r"\b(if|while) \((.*)\)(?=$| +\S|;)")
CHOICE = re.compile(r"\? ([^?:()]+) : ([^?:;,()]+)(?=[;,)]|$)")
DECLARES = re.compile(r"(?:const |__shared__ )*(?:int|float|double|u32|u64|long long|bool)\*? ")
STATEMENT = re.compile(r"\S.*;(?=$| })")
BEGINNINGS = ("return", "for ", "if ", "while ")
CAST = re.compile(r"\((?:long long|float|double)\)")
DECLARED = re.compile(r"(?<![\w(<])(float|double)(?= \w+(?: =|\[))")
ROW_BY_ROW = re.compile(r"\(long long\)i \* u \+ j")
TYPE_BEFORE = re.compile(r"\b(?:int|float|double|u32|u64|long long|bool)\*? $")
NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[xy])?")
NAMES = {
    **_both_ways({"threadIdx.x": "threadIdx.y", "k0": "k1", "high0": "high1", "low0": "low1"}),
    "blockIdx.x": "blockIdx.y",
    "blockDim.x": "gridDim.x",
    "real": "fake",
    "fake": "real",
    "column": "j",
    "earlier": "p",
    "c0": "c1",
    "c1": "c2",
    "c2": "c3",
    "c3": "c0",
    "expf": "exp2f",
    "log1pf": "logf",
    "fabsf": "",
    "sigma": "relu",
    "softplus": "relu",
    "ROWS": "STRIP",
    "STRIP": "ROWS",
    "LANES": "ROWS",
    "THREADS": "LANES",
    "lane": "i",
    "largest": "a_p",
    "a_p": "largest",
}


def slips(line: Line) -> Iterator[Slip]:
    """All slips of a line."""
    code = line.code
    yield from _swapped(COMPARISON, COMPARISONS, code, "comparison")
    yield from _swapped(OPERATOR, OPERATORS, code, "operator")
    for found in MINUS.finditer(code):
        yield Slip(*found.span(), "", "sign")
    for found in INTEGER.finditer(code):
        for other in (int(found[0]) + 1, int(found[0]) - 1):
            yield Slip(*found.span(), str(other), "constant")
    for found in HEX.finditer(code):
        number = int(found[0], 16)
        for bit in (1, 1 << number.bit_length() - 1):
            yield Slip(*found.span(), f"{number ^ bit:#x}", "bit of a constant")
    for found in CONDITION.finditer(code):
        for decided in ("true", "false") if found[1] == "if" else ("false",):
            yield Slip(*found.span(2), decided, "guard")
    for found in CHOICE.finditer(code):
        yield Slip(*found.span(), f"? {found[2]} : {found[1]}", "choice")
    found_statement = STATEMENT.search(code)
    if found_statement and not _kept(found_statement[0]):
        yield Slip(*found_statement.span(), ";", "statement")
    for found in CAST.finditer(code):
        yield Slip(*found.span(), "", "cast")
    for found in DECLARED.finditer(code):
        yield Slip(*found.span(), "double" if found[0] == "float" else "float", "type")
    for found in ROW_BY_ROW.finditer(code):
        yield Slip(*found.span(), "(long long)j * m + i", "rows and columns")
    names = NAMES | line.neighbours
    for found in NAME.finditer(code):
        if found[0] in names and not TYPE_BEFORE.search(code[: found.start()]):
            yield Slip(*found.span(), names[found[0]], "name")


def _kept(statement: str) -> bool:
    """Whether a statement is never deleted: a declaration, a return, a guard or a loop."""
    return statement.startswith(BEGINNINGS) or DECLARES.match(statement) is not None


def _swapped(
    pattern: re.Pattern[str], others: dict[str, str], code: str, words: str
) -> Iterator[Slip]:
    for found in pattern.finditer(code):
        if found[0] in others:
            yield Slip(*found.span(), others[found[0]], words)
