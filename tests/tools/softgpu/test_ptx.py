"""The PTX parser: the parts of a kernel, and the text that raises Unsupported."""

from __future__ import annotations

import pytest

from softgpu import ptx
from softgpu.faults import Unsupported
from softgpu.operands import Address, Label, Register, Symbol, Vector, parse_operand

TEXT = """
.version 9.5
.target sm_90
.address_size 64
    // .globl	first
.global .align 4 .b32 numbers[3] = {1, -2};
.const .align 8 .f64 half = 0d3FE0000000000000;
.extern .shared .align 16 .b8 rest[];

.visible .entry first(
    .param .u64 .ptr .align 1 first_param_0,
    .param .u8 first_param_1,
    .param .f32 first_param_2,
    .param .align 8 .b8 first_param_3[12]
)
.maxntid 16, 4, 1
{
    .reg .pred  %p<3>;
    .reg .b64   %rd<2>, %SP;
    .shared .align 4 .b8 tile[40];
    .local .align 16 .b8 depot[8];

    ld.param.u64    %rd1, [first_param_0]; /* a comment */
$L__BB0_1:
    .pragma "nounroll";
    @!%p1 bra   $L__BB0_1;
    { .reg .b32 temp; mov.u32 temp, numbers; }
    st.global.v2.f32 [%rd1+-8], {%f1, 0f3F800000};
    ret;
}
.visible .entry second()
{
    mov.u64 %rd1, half;
    mov.u32 %r1, rest;
    ret;
}
"""


def test_arguments_are_aligned() -> None:
    first = ptx.parse(TEXT)["first"]
    found = [(p.type, p.offset, p.size, p.alignment) for p in first.parameters]
    assert found == [("u64", 0, 8, 8), ("u8", 8, 1, 1), ("f32", 12, 4, 4), ("b8", 16, 12, 8)]
    assert first.argument_size == 28
    assert ptx.parse(TEXT)["second"].argument_size == 0


def test_the_code_is_read_with_labels_guards_modifiers_and_operands() -> None:
    first = ptx.parse(TEXT)["first"]
    assert [i.opcode for i in first.code] == ["ld", "bra", "mov", "st", "ret", "ret"]
    assert first.labels == {"$L__BB0_1": 1}
    branch, store = first.code[1], first.code[3]
    assert (branch.guard, branch.negated, branch.operands) == ("%p1", True, (Label("$L__BB0_1"),))
    assert store.modifiers == ("global", "v2", "f32")
    assert store.operands == (
        Address(Register("%rd1"), -8),
        Vector((Register("%f1"), 0x3F800000)),
    )
    assert store.text == "st.global.v2.f32 [%rd1+-8], {%f1, 0f3F800000}"


def test_registers_and_variables_are_declared() -> None:
    kernels = ptx.parse(TEXT)
    first, second = kernels["first"], kernels["second"]
    assert first.registers["%p2"] == "pred"
    assert "%p3" not in first.registers
    assert (first.registers["%SP"], first.registers["temp"]) == ("b64", "b32")
    assert (first.shared, first.most_threads, second.most_threads) == (40, 64, 1024)
    assert set(first.variables) == {"numbers", "tile", "depot"}
    assert set(second.variables) == {"half", "rest"}
    assert first.variables["numbers"].data == bytes([1, 0, 0, 0, 254, 255, 255, 255, 0, 0, 0, 0])
    assert second.variables["half"].data == bytes.fromhex("000000000000e03f")


def test_operands_are_numbers_registers_names_pairs_and_addresses() -> None:
    assert parse_operand("0xFFU") == 255
    assert parse_operand("-17") == -17
    assert parse_operand("0dBFF0000000000000") == 0xBFF0000000000000
    assert parse_operand("!%p3") == Register("%p3", negated=True)
    assert parse_operand("%p1|%p2") == Vector((Register("%p1"), Register("%p2")))
    assert parse_operand("[tile+12]") == Address(Symbol("tile"), 12)
    with pytest.raises(Unsupported):
        parse_operand("1.5")
    with pytest.raises(Unsupported):
        parse_operand("[%rd1 * 4]")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (".reg .pred", ".reg .b128"),
        (".param .u8", ".param .texref"),
        ("ret;\n}\n.visible .entry second", ".callprototype _();\n}\n.visible .entry second"),
        (" = {1, -2};", ";"),
        (" = {1, -2};", " = {first};"),
        (".const .align 8 .f64 half", ".func half() .f64"),
    ],
)
def test_what_the_parser_does_not_know_is_refused(before: str, after: str) -> None:
    assert before in TEXT
    with pytest.raises(Unsupported):
        ptx.parse(TEXT.replace(before, after, 1))
