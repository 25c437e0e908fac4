"""Integer instructions, compared with Python's integers for all pairs of edge cases."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from softgpu.faults import DivisionByZero, Unsupported
from softgpu.small_kernels import calculate, run_ptx

EDGES = {
    bits: [0, 1, 2, 3, 7, 0x9E37]
    + [(1 << half) + k for half in (bits // 2, bits - 1) for k in (-1, 0, 1)]
    + [(1 << bits) - 2, (1 << bits) - 1]
    for bits in (16, 32, 64)
}
COUNTS = [0, 1, 5, 15, 16, 31, 32, 33, 63, 64, 65, 255, 2**31, 2**32 - 1]


def unsigned(value: int, bits: int) -> int:
    return value & (1 << bits) - 1


def signed(value: int, bits: int) -> int:
    return unsigned(value, bits) - ((1 << bits) if value >> bits - 1 & 1 else 0)


def quotient(a: int, b: int) -> int:
    return (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)


def table(*columns: list[Any]) -> list[tuple[Any, ...]]:
    return list(itertools.product(*columns))


def check(
    text: str, result: str, types: str, rows: list[Any], expected: Callable[..., int]
) -> None:
    """types has a letter for each operand: s, u of the instruction's width, U u32, p predicate."""
    dtypes = [np.dtype(t) for t in types.split()]
    columns = [
        np.array([r[k] for r in rows], np.uint64).astype(f"u{t.itemsize}").view(t)
        if t.kind != "b"
        else np.array([r[k] for r in rows], bool)
        for k, t in enumerate(dtypes)
    ]
    found = calculate(text, result, *columns)
    wide = 8 * found.dtype.itemsize
    for row, value in zip(zip(*columns, strict=True), found, strict=True):
        want = expected(*(int(x) for x in row))
        got = int(value)
        assert unsigned(got, wide) == unsigned(want, wide), (text, row, got, want)


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("sign", ["s", "u"])
def test_arithmetic_of_integers_wraps_around(sign: str, bits: int) -> None:
    kind, dtype = f"{sign}{bits}", f"{'i' if sign == 's' else 'u'}{bits // 8}"
    pairs = table(EDGES[bits], EDGES[bits])
    two = f"{dtype} {dtype}"
    operations: dict[str, Callable[[int, int], int]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul.lo": lambda a, b: a * b,
        "mul.hi": lambda a, b: a * b >> bits,
        "min": min,
        "max": max,
    }
    for opcode, function in operations.items():
        check(f"{opcode}.{kind} d,a,b", kind, two, pairs, function)
    divisible = [(a, b) for a, b in pairs if b]
    check(f"div.{kind} d,a,b", kind, two, divisible, quotient)
    check(f"rem.{kind} d,a,b", kind, two, divisible, lambda a, b: a - b * quotient(a, b))
    triples = table(EDGES[bits], EDGES[bits][::3], EDGES[bits][::4])
    check(f"mad.lo.{kind} d,a,b,c", kind, f"{two} {dtype}", triples, lambda a, b, c: a * b + c)
    check(
        f"mad.hi.{kind} d,a,b,c",
        kind,
        f"{two} {dtype}",
        triples,
        lambda a, b, c: (a * b >> bits) + c,
    )
    if bits < 64:
        wide = f"{sign}{2 * bits}"
        check(f"mul.wide.{kind} d,a,b", wide, two, pairs, lambda a, b: a * b)
        check(
            f"mad.wide.{kind} d,a,b,c",
            wide,
            f"{two} {dtype[0]}{bits // 4}",
            triples,
            lambda a, b, c: a * b + c,
        )
    if sign == "s":
        ones = [(a,) for a in EDGES[bits]]
        check(f"neg.{kind} d,a", kind, dtype, ones, lambda a: -a)
        check(f"abs.{kind} d,a", kind, dtype, ones, abs)


def test_the_upper_half_of_a_product_of_64_bits_is_exact() -> None:
    words = np.random.Philox(1).random_raw((500, 2)).tolist()
    for kind, types in (("u64", "u8 u8"), ("s64", "i8 i8")):
        check(f"mul.hi.{kind} d,a,b", kind, types, words, lambda a, b: a * b >> 64)


@pytest.mark.parametrize("bits", [32, 64])
def test_shifts_beyond_the_width_leave_zeros_or_the_sign(bits: int) -> None:
    rows = table(EDGES[bits], COUNTS)
    n = bits // 8
    check(f"shl.b{bits} d,a,b", f"b{bits}", f"u{n} u4", rows, lambda a, b: a << min(b, bits))
    check(f"shr.u{bits} d,a,b", f"u{bits}", f"u{n} u4", rows, lambda a, b: a >> min(b, bits))
    check(f"shr.s{bits} d,a,b", f"s{bits}", f"i{n} u4", rows, lambda a, b: a >> min(b, bits))


def test_a_funnel_shift_takes_32_of_64_bits() -> None:
    rows = table(EDGES[32][::2], EDGES[32][1::2], COUNTS)
    for beyond, count in (("wrap", lambda n: n % 32), ("clamp", lambda n: min(n, 32))):
        check(
            f"shf.l.{beyond}.b32 d,a,b,c",
            "b32",
            "u4 u4 u4",
            rows,
            lambda a, b, c, count=count: (b << 32 | a) << count(c) >> 32,
        )
        check(
            f"shf.r.{beyond}.b32 d,a,b,c",
            "b32",
            "u4 u4 u4",
            rows,
            lambda a, b, c, count=count: (b << 32 | a) >> count(c),
        )


@pytest.mark.parametrize("bits", [32, 64])
def test_bits_are_counted_reversed_and_combined(bits: int) -> None:
    ones, pairs, n = [(a,) for a in EDGES[bits]], table(EDGES[bits], EDGES[bits]), bits // 8
    two = f"u{n} u{n}"
    check(f"popc.b{bits} d,a", "u32", f"u{n}", ones, lambda a: a.bit_count())
    check(f"clz.b{bits} d,a", "u32", f"u{n}", ones, lambda a: bits - a.bit_length())
    check(f"brev.b{bits} d,a", f"b{bits}", f"u{n}", ones, lambda a: int(f"{a:0{bits}b}"[::-1], 2))
    check(f"not.b{bits} d,a", f"b{bits}", f"u{n}", ones, lambda a: ~a)
    check(f"and.b{bits} d,a,b", f"b{bits}", two, pairs, lambda a, b: a & b)
    check(f"or.b{bits} d,a,b", f"b{bits}", two, pairs, lambda a, b: a | b)
    check(f"xor.b{bits} d,a,b", f"b{bits}", two, pairs, lambda a, b: a ^ b)


@pytest.mark.parametrize("bits", [32, 64])
def test_a_field_of_bits_is_taken_out_and_put_in(bits: int) -> None:
    def extracted(a: int, position: int, length: int, *, sign: bool) -> int:
        """The loop in the PTX manual."""
        position, length, last = position & 255, length & 255, bits - 1
        pattern, value = unsigned(a, bits), 0
        fill = pattern >> min(position + length - 1, last) & 1 if sign and length else 0
        for i in range(bits):
            inside = i < length and position + i <= last
            value |= (pattern >> position + i & 1 if inside else fill) << i
        return value

    def inserted(a: int, b: int, position: int, length: int) -> int:
        position, length, value = position & 255, length & 255, b
        for i in range(length):
            if position + i < bits:
                value = value & ~(1 << position + i) | (a >> i & 1) << position + i
        return value

    n, some = bits // 8, COUNTS[:11]
    rows = table(EDGES[bits][::2], some, some)
    check(
        f"bfe.u{bits} d,a,b,c",
        f"u{bits}",
        f"u{n} u4 u4",
        rows,
        lambda a, p, k: extracted(a, p, k, sign=False),
    )
    check(
        f"bfe.s{bits} d,a,b,c",
        f"s{bits}",
        f"i{n} u4 u4",
        rows,
        lambda a, p, k: extracted(a, p, k, sign=True),
    )
    rows = table(EDGES[bits][::4], EDGES[bits][1::5], some, some)
    check(f"bfi.b{bits} d,a,b,c,e", f"b{bits}", f"u{n} u{n} u4 u4", rows, inserted)


def test_bytes_are_permuted_and_three_words_looked_up() -> None:
    def permuted(a: int, b: int, selector: int) -> int:
        parts = list((b << 32 | a).to_bytes(8, "little"))
        chosen = [parts[selector >> 4 * i & 7] for i in range(4)]
        signs = [255 if c >= 128 else 0 for c in chosen]
        return int.from_bytes(
            bytes(
                s if selector >> 4 * i & 8 else c
                for i, (c, s) in enumerate(zip(chosen, signs, strict=True))
            ),
            "little",
        )

    words = [0x12345678, 0x89ABCDEF, 0xFF00807F]
    selectors = [0x3210, 0x7654, 0x0123, 0x4440, 0xBA98, 0xFEDC, 0x5140, 0x9C3F]
    check("prmt.b32 d,a,b,c", "b32", "u4 u4 u4", table(words, words, selectors), permuted)
    for lut in (0x96, 0xE8, 0x01, 0xCA):

        def looked_up(a: int, b: int, c: int, lut: int = lut) -> int:
            rows = ((a >> i & 1) << 2 | (b >> i & 1) << 1 | c >> i & 1 for i in range(32))
            return sum((lut >> row & 1) << i for i, row in enumerate(rows))

        text = f"lop3.b32 d,a,b,c,{lut}"
        check(text, "b32", "u4 u4 u4", table(words, words, words), looked_up)


def test_division_by_zero_is_a_fault() -> None:
    for text in ("div.s32 d,a,b", "rem.u64 d,a,b"):
        n = int(text[5:7]) // 8
        with pytest.raises(DivisionByZero):
            calculate(text, text[4:7], np.array([6, 7], f"u{n}"), np.array([2, 0], f"u{n}"))


@pytest.mark.parametrize("sign", ["s", "u"])
def test_comparisons_select_and_join_predicates(sign: str) -> None:
    pairs, letter = table(EDGES[32], EDGES[32]), "i" if sign == "s" else "u"
    relations = {
        "eq": lambda a, b: a == b,
        "ne": lambda a, b: a != b,
        "lt": lambda a, b: a < b,
        "le": lambda a, b: a <= b,
        "gt": lambda a, b: a > b,
        "ge": lambda a, b: a >= b,
    }
    if sign == "u":
        pairs_of = zip(("lo", "ls", "hi", "hs"), ("lt", "le", "gt", "ge"), strict=True)
        relations |= {name: relations[same] for name, same in pairs_of}
    for name, holds in relations.items():
        check(f"setp.{name}.{sign}32 d,a,b", "pred", f"{letter}4 {letter}4", pairs, holds)
    for logic, join in {
        "and": lambda x, y: x and y,
        "or": lambda x, y: x or y,
        "xor": lambda x, y: x != y,
    }.items():
        check(
            f"setp.lt.{logic}.{sign}32 d,a,b,c",
            "pred",
            f"{letter}4 {letter}4 ?",
            table(EDGES[32][::3], EDGES[32][::3], [0, 1]),
            lambda a, b, c, join=join: join(a < b, bool(c)),
        )
        bools = table([0, 1], [0, 1])
        check(f"{logic}.pred d,a,b", "pred", "? ?", bools, lambda a, b, j=join: j(bool(a), bool(b)))
    rows = table([1, 2], [3, 4], [0, 1])
    check("selp.b32 d,a,b,c", "b32", "u4 u4 ?", rows, lambda a, b, c: a if c else b)
    check("slct.b32.s32 d,a,b,c", "b32", "u4 u4 i4", table([1], [2], EDGES[32]), _by_sign)


def _by_sign(a: int, b: int, c: int) -> int:
    return a if c >= 0 else b


def test_integers_are_cut_extended_and_clamped() -> None:
    x = np.array([0x80, 0x7F, 0xFF80, 0x12345678, 0xFFFFFFFF], np.uint32)
    assert calculate("cvt.u8.u32 d,a", "u8", x).tolist() == [0x80, 0x7F, 0x80, 0x78, 0xFF]
    assert calculate("cvt.s32.s8 d,a", "s32", x).tolist() == [-128, 127, -128, 0x78, -1]
    assert calculate("cvt.s64.s32 d,a", "s64", x).tolist() == [128, 127, 0xFF80, 0x12345678, -1]
    assert calculate("cvt.u64.u32 d,a", "u64", x).tolist() == x.tolist()
    assert calculate("cvt.sat.s8.s32 d,a", "s8", x).tolist() == [127, 127, 127, 127, -1]
    assert calculate("cvt.sat.u8.s32 d,a", "u8", x).tolist() == [128, 127, 255, 255, 0]


def test_words_are_packed_and_unpacked_lowest_first() -> None:
    d = np.empty(2, np.uint64)
    run_ptx(
        "mov.u32 %r4, 7; mov.u32 %r5, 9; mov.b64 %rd3, {%r4, %r5}; st.global.u64 [%rd1], %rd3;"
        "mov.b64 {%r6, %r7}, %rd3; cvt.u64.u32 %rd4, %r7; st.global.u64 [%rd1+8], %rd4;",
        d,
    )
    assert d.tolist() == [9 << 32 | 7, 9]


@pytest.mark.parametrize(
    "text",
    [
        "frobnicate.u32 %r4, %r5;",
        "add.sat.s32 %r4, %r5, %r6;",
        "add.cc.s32 %r4, %r5, %r6;",
        "fma.rn.f64 %fd1, %fd2, %fd3, %fd4;",
        "add.f16x2 %r4, %r5, %r6;",
        "min.xorsign.abs.f32 %f1, %f2, %f3;",
        "ld.acquire.gpu.global.u32 %r4, [%rd1];",
        "cvt.rn.bf16.f32 %rs1, %f1;",
        "add.rn.u32 %r4, %r5, %r6;",
        "mov.u32 %r4, %clock;",
        "mov.u64 %rd3, %r4;",
        "mov.u32 %rd3, %r4;",
        "add.u32 %r4, %r5;",
        "setp.lt.f32 %p1|%p2, %f1, %f2;",
        "bar.sync 0, 64;",
        "bar.warp.sync -1;",
        "membar.gl;",
        "call nowhere;",
        "bra nowhere;",
        "vote.sync.any.pred %p1, %p2, -1;",
        "shfl.down.b32 %r4, %r5, 1, 31;",
        "mul24.lo.s32 %r4, %r5, %r6;",
    ],
)
def test_an_instruction_that_is_not_known_is_refused_before_anything_runs(text: str) -> None:
    d = np.zeros(1, np.uint32)
    with pytest.raises(Unsupported) as caught:
        run_ptx(f"mov.u32 %r4, 1; st.global.u32 [%rd1], %r4; {text} ret;", d)
    assert d.tolist() == [0]
    assert caught.value.kernel == "test"
    assert caught.value.instruction == text[:-1]
