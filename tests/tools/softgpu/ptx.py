"""Parse PTX text into kernels with parameters, variables, registers and instructions.

The parser accepts what NVRTC writes for kernels without function calls, and raises Unsupported for
everything else.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from softgpu.dtypes import DTYPES
from softgpu.faults import Unsupported
from softgpu.operands import Label, Operand, parse_operand

# The first address of each space. The ranges do not overlap, so a generic address identifies its
# space. Addresses of shared memory fit into a 32-bit register.
BASES = {"shared": 0x1000_0000, "param": 0x2000_0000, "local": 0x3000_0000, "const": 0x4000_0000}
RED_ZONE = 64  # bytes between two variables of a space; an access there is an overrun

VARIABLE = re.compile(
    r"(?:\.(?:visible|extern|weak)\s+)*\.(shared|local|const|global)\s+(?:\.align\s+(\d+)\s+)?"
    r"\.(\w+)\s+([\w$]+)((?:\[\d*\])*)(?:\s*=\s*(?:\{([^}]*)\}|([^;]*)))?$"
)
PARAMETER = re.compile(
    r"\.param\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+(?:\.ptr\s+(?:\.\w+\s+(?:\d+\s+)?)*)?"
    r"([\w$]+)(?:\[(\d+)\])?$"
)
ENTRY = re.compile(r"\.entry\s+([\w$]+)\s*\((.*?)\)([^{;]*)\{(.*?)\n\}", re.S)
HEADER = re.compile(r"\.(version|target|address_size)\b.*")
IGNORED = re.compile(r"\.(pragma|loc|file)\b")  # hints to the compiler, and line numbers


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel, with the offset of its bytes among the argument bytes."""

    name: str
    type: str
    offset: int
    size: int
    alignment: int


@dataclass(frozen=True)
class Variable:
    """A variable in shared, local or constant memory; with size 0, the launch sets the size."""

    name: str
    space: str
    offset: int
    size: int
    data: bytes | None = None


@dataclass(frozen=True)
class Instruction:
    """One instruction: @guard opcode.modifiers operands."""

    text: str
    opcode: str
    modifiers: tuple[str, ...]
    operands: tuple[Operand, ...]
    guard: str | None = None
    negated: bool = False


@dataclass(frozen=True, eq=False)
class Kernel:
    """One parsed kernel; registers map name -> type, and labels name -> index in the code."""

    name: str
    parameters: tuple[Parameter, ...]
    variables: dict[str, Variable]
    registers: dict[str, str]
    code: tuple[Instruction, ...]
    labels: dict[str, int]
    most_threads: int = 1024

    @property
    def argument_size(self) -> int:
        """The size of all aligned arguments, in bytes."""
        return max((p.offset + p.size for p in self.parameters), default=0)

    def size(self, space: str) -> int:
        """The size of the variables of a space with their red zones, in bytes."""
        return max(
            (v.offset + v.size for v in self.variables.values() if v.space == space), default=0
        )

    @property
    def shared(self) -> int:
        """The size of the declared shared memory, in bytes."""
        return sum(v.size for v in self.variables.values() if v.space == "shared")

    def address(self, name: str) -> int:
        """The address of a variable or parameter.

        Raises:
            Unsupported: there is no such name.
        """
        if name in self.variables:
            return BASES[self.variables[name].space] + self.variables[name].offset
        for parameter in self.parameters:
            if parameter.name == name:
                return BASES["param"] + parameter.offset
        raise Unsupported(f"unknown name {name}")


def parse(text: str) -> dict[str, Kernel]:
    """name -> kernel, for every entry of a PTX text.

    Raises:
        Unsupported: the text has something that the interpreter does not implement.
    """
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    bodies = ENTRY.findall(text)
    outside = [part.strip() for part in HEADER.sub("", ENTRY.sub(";", text)).split(";")]
    outside = [part for part in outside if part and part not in (".visible", ".weak")]
    kernels = {}
    for name, parameters, limits, body in bodies:
        try:
            kernels[name] = _kernel(name, parameters, limits, body, outside)
        except Unsupported as fault:
            fault.locate(name, fault.instruction, None, None)
            raise
    return kernels


def _kernel(name: str, parameters: str, limits: str, body: str, outside: list[str]) -> Kernel:
    variables: dict[str, Variable] = {}
    for statement in outside:
        variable = _variable(statement, variables)
        if re.search(rf"(?<![\w$]){re.escape(variable.name)}(?![\w$])", body):
            variables[variable.name] = variable
    registers: dict[str, str] = {}
    code: list[Instruction] = []
    labels: dict[str, int] = {}
    for statement in re.split(r";|(?<=:)\s", body):
        statement = re.sub(r"\s+", " ", statement).strip().lstrip("{} ")
        if statement.endswith(":"):
            labels[statement[:-1]] = len(code)
        elif statement.startswith(".reg"):
            registers |= _registers(statement)
        elif statement.startswith((".shared", ".local")):
            variable = _variable(statement, variables)
            variables[variable.name] = variable
        elif statement and not IGNORED.match(statement):
            code.append(_instruction(statement))
    code.append(Instruction("ret", "ret", (), ()))  # a body may end without one
    most = re.search(r"\.maxntid ([\d, ]+)", limits)
    threads = math.prod(map(int, most[1].split(","))) if most else 1024
    arguments = _parameters(parameters)
    return Kernel(name, arguments, variables, registers, tuple(code), labels, threads)


def _parameters(text: str) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    end = 0
    for part in filter(None, (re.sub(r"\s+", " ", p).strip() for p in text.split(","))):
        match = PARAMETER.match(part)
        if not match or match[2] not in DTYPES:
            raise Unsupported(f"unknown parameter: {part}")
        size = DTYPES[match[2]].itemsize
        alignment = int(match[1] or size)
        offset = -(-end // alignment) * alignment
        found.append(Parameter(match[3], match[2], offset, size * int(match[4] or 1), alignment))
        end = offset + found[-1].size
    return tuple(found)


def _variable(statement: str, before: dict[str, Variable]) -> Variable:
    match = VARIABLE.match(re.sub(r"\s+", " ", statement).strip())
    if not match or match[3] not in DTYPES:
        raise Unsupported(f"unknown statement: {statement[:80]}")
    space = "const" if match[1] == "global" else match[1]
    size = DTYPES[match[3]].itemsize
    for count in re.findall(r"\[(\d*)\]", match[5]):
        size *= int(count or 0)
    initial = match[6] or match[7]
    if space == "const" and initial is None:
        raise Unsupported(
            f"a __device__ variable that keeps its value between launches: {match[4]}"
        )
    end = max(
        (v.offset + v.size + RED_ZONE for v in before.values() if v.space == space), default=0
    )
    alignment = int(match[2] or DTYPES[match[3]].itemsize)
    offset = -(-end // alignment) * alignment
    data = _data(initial, match[3], size) if initial is not None else None
    return Variable(match[4], space, offset, size, data)


def _data(text: str, kind: str, size: int) -> bytes:
    n = DTYPES[kind].itemsize
    values = [parse_operand(word.strip()) for word in text.split(",")]
    if any(not isinstance(value, int) for value in values):
        raise Unsupported(f"unknown initial value: {text[:80]}")
    bits = (int(str(value)) & (1 << 8 * n) - 1 for value in values)
    return b"".join(b.to_bytes(n, "little") for b in bits).ljust(size, b"\0")


def _registers(statement: str) -> dict[str, str]:
    match = re.match(r"\.reg \.(\w+) (.*)$", statement)
    if not match or match[1] not in DTYPES:
        raise Unsupported(f"unknown registers: {statement}")
    found: dict[str, str] = {}
    for name in match[2].split(","):
        many = re.match(r"\s*([%\w$]+)<(\d+)>$", name)
        names = [f"{many[1]}{i}" for i in range(int(many[2]))] if many else [name.strip()]
        found |= dict.fromkeys(names, match[1])
    return found


def _instruction(text: str) -> Instruction:
    match = re.match(r"(?:@(!?)([%\w$]+) )?([a-z]\w*)((?:\.[\w:]+)*)(?: (.*))?$", text)
    if not match:
        raise Unsupported(f"unknown statement: {text}")
    negated, guard, opcode, modifiers, rest = match.groups()
    words = re.findall(r"\{[^}]*\}|\[[^\]]*\]|[^,{}\[\]\s]+", rest or "")
    operands: tuple[Operand, ...] = tuple(map(parse_operand, words))
    if opcode == "bra":
        operands = (Label(words[0]),)
    return Instruction(
        text, opcode, tuple(modifiers.split(".")[1:]), operands, guard, bool(negated)
    )
