"""The operands of PTX instructions as data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from softgpu.faults import Unsupported


@dataclass(frozen=True)
class Register:
    """A register: %r7, !%p1 (negated), or a special one such as %tid.x."""

    name: str
    negated: bool = False


@dataclass(frozen=True)
class Symbol:
    """The name of a variable or parameter, which means its address."""

    name: str


@dataclass(frozen=True)
class Label:
    """The target of a jump."""

    name: str


@dataclass(frozen=True)
class Address:
    """[base + offset], with the offset in bytes."""

    base: Register | Symbol | int
    offset: int


@dataclass(frozen=True)
class Vector:
    """{a, b, ...}, or the pair p|q."""

    parts: tuple[Register | Symbol | int, ...]


Simple = Register | Symbol | int  # an int has the bits of an integer or float constant
Operand = Simple | Label | Address | Vector


def parse_operand(word: str) -> Operand:
    """Parse the text of one operand.

    Raises:
        Unsupported: the interpreter does not implement this operand.
    """
    if word[0] == "[":
        match = re.match(r"\[\s*([^\s+]+)\s*(?:\+\s*(-?\w+)\s*)?\]$", word)
        if not match:
            raise Unsupported(f"unknown address: {word}")
        return Address(_simple(match[1]), int(match[2] or "0", 0))
    if word[0] == "{":
        return Vector(tuple(_simple(part.strip()) for part in word[1:-1].split(",")))
    if "|" in word:
        return Vector(tuple(_simple(part) for part in word.split("|")))
    return _simple(word)


def _simple(word: str) -> Simple:
    if re.match(r"!?%", word):
        return Register(word.lstrip("!"), word[0] == "!")
    if re.match(r"0[fF][0-9a-fA-F]{8}$|0[dD][0-9a-fA-F]{16}$", word):
        return int(word[2:], 16)
    if re.match(r"-?(0[xX][0-9a-fA-F]+|\d+)U?$", word):
        return int(word.rstrip("U"), 0)
    if re.match(r"[A-Za-z_$][\w$]*$", word):
        return Symbol(word)
    raise Unsupported(f"unknown operand: {word}")
