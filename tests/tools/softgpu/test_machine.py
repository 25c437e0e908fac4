"""The machine: the order of the threads, barriers, shuffles, and the checks of a launch."""

from __future__ import annotations

import numpy as np
import pytest

from softgpu.faults import (
    Array,
    BadArguments,
    BadBarrier,
    DivisionByZero,
    Endless,
    Misaligned,
    Race,
    Trap,
    Uninitialised,
)
from softgpu.machine import launch
from softgpu.memory import Memory
from softgpu.shuffle import source_lane
from softgpu.small_kernels import Size, Unwritten, kernel_of, run_ptx

STORE = "mad.wide.s32 %rd8, %r0, 4, %rd1; st.global.u32 [%rd8], %r4;"


def test_special_registers_give_the_position_in_grid_and_block() -> None:
    grid, block = (2, 3, 2), (3, 2, 2)
    sources = [f"%{name}.{axis}" for name in ("ctaid", "tid", "nctaid", "ntid") for axis in "xyz"]
    body = "mov.u32 %r4, 0;"
    for source in sources:
        body += f"mov.u32 %r5, {source}; mad.lo.u32 %r4, %r4, 4, %r5;"
    # the number of the thread in the whole grid: block after block, x fastest
    body += """mov.u32 %r6, %ctaid.z; mov.u32 %r7, %ctaid.y; mad.lo.u32 %r6, %r6, 3, %r7;
        mov.u32 %r7, %ctaid.x; mad.lo.u32 %r6, %r6, 2, %r7; mov.u32 %r8, %tid.z;
        mov.u32 %r7, %tid.y; mad.lo.u32 %r8, %r8, 2, %r7; mov.u32 %r7, %tid.x;
        mad.lo.u32 %r8, %r8, 3, %r7; mad.lo.u32 %r0, %r6, 12, %r8;"""
    d = np.empty(144, np.uint32)
    run_ptx(body + STORE, Unwritten(d), grid=grid, block=block)
    expected = []
    for bz, by, bx in np.ndindex(grid[::-1]):
        for tz, ty, tx in np.ndindex(block[::-1]):
            value = 0
            for digit in (bx, by, bz, tx, ty, tz, *grid, *block):
                value = value * 4 + digit
            expected.append(value % 2**32)
    assert d.tolist() == expected


def test_loops_diverge_and_threads_converge_again() -> None:
    body = f"""mov.u32 %r4, 0; mov.u32 %r5, %r0;
        $loop: setp.eq.u32 %p1, %r5, 0; @%p1 bra $out; add.u32 %r4, %r4, %r5;
        sub.u32 %r5, %r5, 1; bra $loop;
        $out: and.b32 %r6, %r0, 1; setp.eq.u32 %p2, %r6, 0; @%p2 bra $even;
        mul.lo.u32 %r4, %r4, 10; bra.uni $join; $even: add.u32 %r4, %r4, 1000;
        $join: {STORE}"""
    d = np.empty(60, np.uint32)
    counts = run_ptx(body, Unwritten(d), grid=(6,), block=(10,))
    sums = [sum(range(i + 1)) for i in range(60)]
    assert d.tolist() == [s * 10 if i % 2 else s + 1000 for i, s in enumerate(sums)]
    assert counts.instructions["sub.u32"] == sums[59]
    assert counts.instructions["st.global.u32"] == 60
    assert counts.steps < 20 + 6 * 61  # all threads run together


def test_a_guard_lets_only_some_threads_act() -> None:
    d = np.empty(8, np.uint32)
    body = (
        "setp.lt.u32 %p1, %r0, 3; mov.u32 %r4, 5; @%p1 mov.u32 %r4, 6; @!%p1 add.u32 %r4, %r4, %r0;"
    )
    run_ptx(body + STORE, Unwritten(d), block=(8,))
    assert d.tolist() == [6, 6, 6, 8, 9, 10, 11, 12]
    run_ptx("setp.eq.u32 %p1, %r0, 4; @%p1 ret; mov.u32 %r4, 7;" + STORE, d, block=(8,))
    assert d.tolist() == [7, 7, 7, 7, 9, 7, 7, 7]
    run_ptx("setp.lt.u32 %p1, %r0, 3; mov.u32 %r4, 1; @%p1 ret;" + STORE, Unwritten(d), block=(8,))
    assert d.tolist() == [7, 7, 7, 1, 1, 1, 1, 1]


def test_a_register_that_was_never_written_is_not_zero() -> None:
    d = np.empty(1, np.uint32)
    run_ptx(STORE, Unwritten(d))
    assert d[0] == 0xA5A5A5A5


SUM = """.shared .align 4 .b8 s[256]; mov.u64 %rd3, s; mad.wide.s32 %rd4, %r3, 4, %rd3;
    add.u32 %r4, %r0, 1; st.shared.u32 [%rd4], %r4; mov.u32 %r5, 32;
    $loop: {} setp.ge.u32 %p1, %r3, %r5; @%p1 bra $skip;
    mad.wide.s32 %rd5, %r5, 4, %rd4; ld.shared.u32 %r6, [%rd5]; ld.shared.u32 %r4, [%rd4];
    add.u32 %r4, %r4, %r6; st.shared.u32 [%rd4], %r4;
    $skip: shr.u32 %r5, %r5, 1; setp.ne.u32 %p2, %r5, 0; @%p2 bra $loop;
    setp.ne.u32 %p3, %r3, 0; @%p3 bra $end;
    mad.wide.s32 %rd8, %r1, 4, %rd1; st.global.u32 [%rd8], %r4; $end: ret;"""


def test_blocks_add_in_shared_memory_with_barriers_and_race_without() -> None:
    d = np.empty(3, np.uint32)
    run_ptx(SUM.format("bar.sync 0;"), Unwritten(d), grid=(3,), block=(64,))
    assert d.tolist() == [sum(range(64 * b + 1, 64 * b + 65)) for b in range(3)]
    with pytest.raises(Race) as caught:
        run_ptx(SUM.format(""), Unwritten(d), grid=(3,), block=(64,))
    assert caught.value.instruction.startswith("ld.shared")


@pytest.mark.parametrize(
    "body",
    [
        "@%p1 bar.sync 0;",
        "@%p1 ret; bar.sync 0;",
        "@%p1 bra $other; bar.sync 0; ret; $other: bar.sync 0;",
    ],
)
def test_a_barrier_that_not_all_threads_reach_is_a_fault(body: str) -> None:
    divergent = "setp.eq.u32 %p1, %r0, 5;" + body
    with pytest.raises(BadBarrier, match=r"of 4 threads") as caught:
        run_ptx(divergent, grid=(3,), block=(4,))
    assert caught.value.block == 1
    whole_blocks = "setp.eq.u32 %p1, %r1, 1;" + body
    run_ptx(whole_blocks, grid=(3,), block=(4,))


@pytest.mark.parametrize("body", ["$l: bra $l;", "$l: bar.sync 0; bra.uni $l;"])
def test_a_kernel_that_does_not_end_is_stopped(body: str) -> None:
    with pytest.raises(Endless):
        run_ptx(body, block=(4,), steps=100)


def test_a_trap_and_a_division_by_zero_stop_the_kernel_at_their_thread() -> None:
    with pytest.raises(Trap) as trap:
        run_ptx("setp.eq.u32 %p1, %r0, 5; @%p1 trap;", grid=(2,), block=(4,))
    assert (trap.value.block, trap.value.thread) == (1, 1)
    with pytest.raises(DivisionByZero) as division:
        run_ptx("sub.u32 %r4, %r0, 6; div.u32 %r4, %r0, %r4;", grid=(2,), block=(4,))
    assert (division.value.block, division.value.thread) == (1, 2)


def test_a_fault_inside_a_group_names_the_right_thread() -> None:
    body = """setp.lt.u32 %p1, %r0, 5; @%p1 ret; mul.lo.u32 %r4, %r0, 4;
        setp.eq.u32 %p2, %r0, 6; @%p2 add.u32 %r4, %r4, 1; cvt.u64.u32 %rd8, %r4;
        add.u64 %rd8, %rd8, %rd1; ld.global.u32 %r5, [%rd8];"""
    with pytest.raises(Misaligned) as caught:
        run_ptx(body, np.zeros(8, np.uint32), grid=(2,), block=(4,))
    assert (caught.value.block, caught.value.thread) == (1, 2)


def shuffled(instruction: str, threads: int, before: str = "") -> Array:
    d = np.empty(threads, np.uint32)
    body = f"add.u32 %r5, %r0, 100; {before} shfl.sync.{instruction}; selp.u32 %r6, 1000, 0, %p1;"
    run_ptx(body + "add.u32 %r4, %r4, %r6;" + STORE, Unwritten(d), block=(threads,))
    return d


def test_a_shuffle_moves_values_within_segments_of_a_warp() -> None:
    lanes = range(64)

    def expected(source: dict[int, int]) -> list[int]:
        return [100 + source.get(i, i) + (1000 if i in source else 0) for i in lanes]

    full = "-1"
    down = shuffled(f"down.b32 %r4|%p1, %r5, 3, 31, {full}", 64)
    assert down.tolist() == expected({i: i + 3 for i in lanes if i % 32 + 3 < 32})
    up = shuffled(f"up.b32 %r4|%p1, %r5, 5, 0, {full}", 64)
    assert up.tolist() == expected({i: i - 5 for i in lanes if i % 32 >= 5})
    # segments of 8: c = (32 - 8) << 8 | 7
    segment = (32 - 8) << 8
    down = shuffled(f"down.b32 %r4|%p1, %r5, 3, {segment | 31}, {full}", 64)
    assert down.tolist() == expected({i: i + 3 for i in lanes if i % 8 + 3 < 8})
    butterfly = shuffled(f"bfly.b32 %r4|%p1, %r5, 4, {segment | 31}, {full}", 64)
    assert butterfly.tolist() == expected({i: i ^ 4 for i in lanes})
    index = shuffled(f"idx.b32 %r4|%p1, %r5, 2, {segment | 31}, {full}", 64)
    assert index.tolist() == expected({i: i // 8 * 8 + 2 for i in lanes})


def test_the_loop_of_the_manual_gives_the_same_lanes() -> None:
    lane = np.arange(32)
    for mode in ("up", "down", "bfly", "idx"):
        for b in (0, 1, 5, 16, 31):
            for c in (0, 31, 24 << 8 | 31, 28 << 8 | 3, 16 << 8 | 15):
                found, inside = source_lane(mode, lane, np.full(32, b), np.full(32, c))
                for i in range(32):
                    segment, clamp = c >> 8 & 31, c & 31
                    most = (i & segment) | (clamp & ~segment)
                    j = {"up": i - b, "down": i + b, "bfly": i ^ b}.get(
                        mode, (i & segment) | (b & ~segment)
                    )
                    valid = j >= most if mode == "up" else j <= most
                    assert (found[i], bool(inside[i])) == (j if valid else i, valid)


def test_a_shuffle_needs_all_threads_of_its_mask_and_only_them() -> None:
    shuffle = "shfl.sync.down.b32 %r4|%p1, %r5, 1, 31, {};"
    with pytest.raises(BadBarrier, match="not in its mask"):
        run_ptx("mov.u32 %r5, 1;" + shuffle.format(0x7FFFFFFF), block=(32,))
    parted = "mov.u32 %r5, 1; setp.eq.u32 %p2, %r0, 9; @%p2 bra $end; {} ret; $end: bar.sync 0;"
    with pytest.raises(BadBarrier, match="elsewhere"):
        run_ptx(parted.format(shuffle.format(-1)), block=(32,))
    with pytest.raises(Uninitialised):  # thread 19 of 20 reads thread 20
        run_ptx("mov.u32 %r5, 1;" + shuffle.format(-1), block=(20,))
    with pytest.raises(Uninitialised) as caught:  # it is not read from the next block
        run_ptx("mov.u32 %r5, 1;" + shuffle.format(-1), block=(20,), grid=(2,))
    assert (caught.value.block, caught.value.thread) == (0, 19)
    left = "mov.u32 %r5, 1; setp.eq.u32 %p2, %r0, 9; @%p2 ret;"
    with pytest.raises(Uninitialised) as caught:
        run_ptx(left + shuffle.format(-1), block=(32,))
    assert caught.value.thread == 8


def test_atomics_return_what_was_there_before_in_the_order_of_the_threads() -> None:
    d, total = np.empty(70, np.uint32), np.array([5], np.uint32)
    body = "atom.global.{} %r4, [%rd2], {};"
    run_ptx(body.format("add.u32", "%r0") + STORE, Unwritten(d), total, grid=(7,), block=(10,))
    assert d.tolist() == [5 + sum(range(i)) for i in range(70)]
    assert total[0] == 5 + sum(range(70))
    for name, result in (("min.u32", 0), ("max.u32", 69), ("xor.b32", 5 ^ 1), ("exch.b32", 69)):
        total[:] = 5
        run_ptx(body.format(name, "%r0") + STORE, Unwritten(d), total, grid=(7,), block=(10,))
        assert total[0] == result, name
    total[:] = 5
    run_ptx(body.format("cas.b32", "5, %r0") + STORE, Unwritten(d), total, block=(3,))
    assert (d[:3].tolist(), total[0]) == ([5, 0, 0], 0)
    halves = np.zeros(1, np.float32)
    run_ptx("mov.f32 %f1, 0f3F000000; red.global.add.f32 [%rd1], %f1;", halves, block=(7,))
    assert halves[0] == 3.5


def test_threads_that_diverged_run_together_again_in_their_order() -> None:
    body = """and.b32 %r5, %r0, 1; setp.eq.u32 %p1, %r5, 0; mov.u32 %r6, 1; @%p1 bra $meet;
        mov.u32 %r6, 2; $meet: atom.global.add.u32 %r4, [%rd2], 1;
        shfl.sync.bfly.b32 %r7, %r6, 1, 31, -1; mad.lo.u32 %r4, %r4, 10, %r7;"""
    d = np.empty(32, np.uint32)
    run_ptx(body + STORE, Unwritten(d), np.zeros(1, np.uint32), block=(32,))
    assert d.tolist() == [10 * i + (1 if i % 2 else 2) for i in range(32)]


def test_atomics_on_shared_memory_count_per_block() -> None:
    body = """.shared .align 4 .b8 s[4]; setp.ne.u32 %p1, %r3, 0; mov.u32 %r5, 0;
        @!%p1 st.shared.u32 [s], %r5; bar.sync 0; red.shared.add.u32 [s], 2; bar.sync 0;
        @%p1 ret; ld.shared.u32 %r4, [s]; mad.wide.s32 %rd8, %r1, 4, %rd1;
        st.global.u32 [%rd8], %r4;"""
    d = np.empty(3, np.uint32)
    run_ptx(body, Unwritten(d), grid=(3,), block=(33,))
    assert d.tolist() == [66, 66, 66]


def test_a_launch_must_fit_kernel_and_device() -> None:
    kernel, memory = kernel_of("ret;", 2), Memory()
    fits = bytes(16)
    launch(kernel, (1,), (1,), fits, memory)
    for arguments in (fits[:-1], fits + b"\0", b""):
        with pytest.raises(BadArguments, match="the kernel takes 16") as caught:
            launch(kernel, (1,), (1,), arguments, memory)
        assert caught.value.kernel == "test"
    shapes: list[tuple[Size, Size]] = [((0,), (1,)), ((1,), (0,)), ((), (1,)), ((1,) * 4, (1,))]
    shapes += [((1,), large) for large in ((1025,), (64, 32), (1, 1, 65))]
    for grid, block in shapes:
        with pytest.raises(BadArguments):
            launch(kernel, grid, block, fits, memory)
    with pytest.raises(BadArguments):
        launch(kernel, (1, 65_536), (1,), fits, memory)
    with pytest.raises(BadArguments, match="shared"):
        launch(kernel, (1,), (1,), fits, memory, shared=49_153)
