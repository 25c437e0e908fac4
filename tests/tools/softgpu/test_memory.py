"""Memory: every check detects its error, and accepts the correct access next to it."""

from __future__ import annotations

import numpy as np
import pytest

from softgpu.faults import Fault, Misaligned, OutOfBounds, Race, ReadOnly, Uninitialised
from softgpu.machine import launch
from softgpu.memory import Memory
from softgpu.small_kernels import Constant, Unwritten, kernel_of, run_ptx

ADDRESS = "mad.wide.s32 %rd8, %r0, 4, %rd1; mad.wide.s32 %rd9, %r0, 4, %rd2;"
COPY = f"{ADDRESS} ld.global.u32 %r4, [%rd9]; st.global.u32 [%rd8], %r4;"


def numbers(n: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.arange(1, n + 1, dtype=np.uint32)


def test_every_thread_reads_and_writes_its_own_element() -> None:
    d, a = np.empty(300, np.uint32), numbers(300)
    counts = run_ptx(COPY, Unwritten(d), Constant(a), grid=(3,), block=(100,))
    assert (d == a).all()
    assert counts.instructions["ld.global.u32"] == counts.instructions["st.global.u32"] == 300


@pytest.mark.parametrize("shift", [-4, 4])
@pytest.mark.parametrize("opcode", ["ld.global.u32 %r4, [%rd9{}];", "st.global.u32 [%rd9{}], %r0;"])
def test_one_element_beyond_either_end_is_a_fault(opcode: str, shift: int) -> None:
    with pytest.raises(OutOfBounds) as caught:
        run_ptx(ADDRESS + opcode.format(f"+{shift}"), numbers(8), numbers(8), grid=(2,), block=(4,))
    first = 0 if shift < 0 else 7
    assert caught.value.kernel == "test"
    assert caught.value.instruction == opcode.format(f"+{shift}")[:-1]
    assert (caught.value.block, caught.value.thread) == divmod(first, 4)


def test_a_view_gives_access_to_its_part_of_an_array_only() -> None:
    whole, d = numbers(12), np.zeros(4, np.uint32)
    run_ptx(COPY, d, whole[4:8], block=(4,))
    assert d.tolist() == [5, 6, 7, 8]
    for more in (-4, 4):
        load = f"{ADDRESS} ld.global.u32 %r4, [%rd9+{more}];"
        with pytest.raises(OutOfBounds):
            run_ptx(load, d, whole[4:8], block=(4,))


def test_null_and_empty_arrays_hold_nothing() -> None:
    with pytest.raises(OutOfBounds):
        run_ptx("mov.u64 %rd3, 0; ld.global.u32 %r4, [%rd3];")
    with pytest.raises(OutOfBounds):
        run_ptx("ld.global.u8 %r4, [%rd1];", np.empty(0, np.uint8))


def test_an_address_must_be_a_multiple_of_the_size_also_in_a_view() -> None:
    a = numbers(8)
    with pytest.raises(Misaligned):
        run_ptx("ld.global.u32 %r4, [%rd1+2];", a)
    run_ptx("ld.global.v2.u32 {%r4, %r5}, [%rd1+8];", a)
    with pytest.raises(Misaligned):
        run_ptx("ld.global.v2.u32 {%r4, %r5}, [%rd1+4];", a)
    with pytest.raises(Misaligned):
        run_ptx("ld.global.u64 %rd3, [%rd1];", a[1:])
    d = np.zeros(1, np.uint64)
    run_ptx("ld.global.u64 %rd3, [%rd1+4]; st.global.u64 [%rd2], %rd3;", a[1:], d)
    assert d[0] == 4 << 32 | 3


def test_an_array_to_be_read_must_not_be_written() -> None:
    store = "st.global.u32 [%rd1], %r0;"
    with pytest.raises(ReadOnly):
        run_ptx(store, Constant(numbers(1)))
    fixed = numbers(1)
    fixed.flags.writeable = False
    with pytest.raises(ReadOnly):
        run_ptx(store, fixed)
    with pytest.raises(ReadOnly):
        run_ptx("red.global.add.u32 [%rd1], %r0;", Constant(numbers(1)))
    with pytest.raises(ReadOnly):
        run_ptx("mov.u64 %rd3, p1; st.param.u64 [%rd3], %rd1;", numbers(1))


def test_bytes_must_be_written_before_they_are_read() -> None:
    load = "ld.global.u32 %r4, [%rd1];"
    with pytest.raises(Uninitialised):
        run_ptx(load, Unwritten(numbers(1)))
    run_ptx(f"st.global.u32 [%rd1], %r0; {load}", Unwritten(numbers(1)))
    with pytest.raises(Uninitialised):
        run_ptx(f"mov.u16 %rs1, 0; st.global.u16 [%rd1], %rs1; {load}", Unwritten(numbers(1)))
    with pytest.raises(Uninitialised):
        run_ptx("atom.global.add.u32 %r4, [%rd1], 1;", Unwritten(numbers(1)))


def test_a_mask_of_the_caller_says_which_bytes_are_written_and_is_kept_up_to_date() -> None:
    kernel, memory = kernel_of("mov.u16 %rs1, 5; st.global.u16 [%rd1+2], %rs1;", 1), Memory()
    array, mask = numbers(3), np.zeros(12, bool)
    address = memory.add(array[1:], initialised=mask[4:])
    launch(kernel, (1,), (1,), address.to_bytes(8, "little"), memory)
    assert np.flatnonzero(mask).tolist() == [6, 7]
    assert array.tolist() == [1, 5 << 16 | 2, 3]
    with pytest.raises(ValueError, match="12 bytes"):
        memory.add(array, initialised=mask[4:])
    with pytest.raises(ValueError, match="float64"):
        memory.add(array, initialised=np.zeros(12))
    with pytest.raises(ValueError, match="contiguous"):
        memory.add(array[::2])


def test_local_memory_belongs_to_each_thread_and_is_checked() -> None:
    body = """.local .align 8 .b8 depot[8];
        mov.u64 %rd3, depot; st.local.u32 [%rd3+4], %r0; ld{}.u32 %r4, [%rd3+{}];
        mad.wide.s32 %rd8, %r0, 4, %rd1; st.global.u32 [%rd8], %r4;"""
    d = np.empty(70, np.uint32)
    for space in (".local", ""):  # "": a generic address
        run_ptx(body.format(space, 4), Unwritten(d), grid=(7,), block=(10,))
        assert d.tolist() == list(range(70))
        with pytest.raises(Uninitialised):
            run_ptx(body.format(space, 0), Unwritten(d))
        with pytest.raises(OutOfBounds):
            run_ptx(body.format(space, 8), Unwritten(d))


def test_shared_memory_is_checked_and_an_overrun_does_not_reach_the_next_array() -> None:
    body = """.shared .align 4 .b8 one[16]; .shared .align 4 .b8 two[16];
        mov.u32 %r4, one; st.shared.u32 [%r4+{}], %r0; ld.shared.u32 %r5, [one+{}];"""
    run_ptx(body.format(12, 12))
    for write, read, kind in ((16, 0, OutOfBounds), (-4, 0, OutOfBounds), (0, 4, Uninitialised)):
        with pytest.raises(kind):
            run_ptx(body.format(write, read))


# ---- races ----


def test_two_blocks_that_write_one_element_race() -> None:
    with pytest.raises(Race, match="block 1 wrote"):
        run_ptx("st.global.u32 [%rd1], %r0;", numbers(1), grid=(2,))
    with pytest.raises(Race):
        run_ptx("st.global.u32 [%rd1], %r0;", numbers(1), block=(2,))


def test_a_read_and_a_write_by_different_threads_race_in_either_order() -> None:
    first_only = "setp.ne.u32 %p1, %r0, 0; {} bra $end; {} $end: {}"
    write, read = "st.global.u32 [%rd1], %r0;", "ld.global.u32 %r4, [%rd1];"
    for now, later in ((write, read), (read, "@%p1 " + write)):
        with pytest.raises(Race):
            run_ptx(first_only.format("@%p1", now, later), numbers(1), block=(2,))
    run_ptx(first_only.format("@%p1", read, read), numbers(1), block=(2,))
    run_ptx(first_only.format("@%p1", write + read, "ret;"), numbers(1), block=(2,))


def test_a_second_reader_does_not_hide_the_first() -> None:
    body = """ld.global.u32 %r4, [%rd1]; setp.ne.u32 %p1, %r0, {};
        @%p1 bra $end; st.global.u32 [%rd1], %r4; $end: ret;"""
    for writer in range(3):
        with pytest.raises(Race):
            run_ptx(body.format(writer), numbers(1), block=(3,))
        with pytest.raises(Race):
            run_ptx(body.format(writer), numbers(1), grid=(3,))


def test_a_barrier_orders_the_threads_of_a_block_and_no_others() -> None:
    body = """setp.ne.u32 %p1, %r0, 0; @%p1 bra $L; st.global.u32 [%rd1], %r0; $L:
        bar.sync 0; ld.global.u32 %r4, [%rd1]; bar.sync 0;
        setp.ne.u32 %p2, %r0, 1; @%p2 bra $end; st.global.u32 [%rd1], %r0; $end: ret;"""
    a = numbers(1)
    run_ptx(body, a, block=(2,))
    assert a.tolist() == [1]
    with pytest.raises(Race):
        run_ptx(body, a, grid=(2,))


def test_the_same_array_under_two_pointers_is_one_array() -> None:
    a = numbers(9)
    for target, source in ((a[1:], a[:-1]), (a[:-1], a[1:])):
        with pytest.raises(Race):
            run_ptx(COPY, target, source, block=(8,))
    run_ptx(COPY, a, a, block=(9,))
    run_ptx(COPY, a[:4], a[4:8], block=(4,))
    assert a[:4].tolist() == a[4:8].tolist()


def test_bytes_side_by_side_are_no_race_and_words_over_bytes_are_one() -> None:
    body = "cvt.u64.u32 %rd8, %r0; add.u64 %rd8, %rd8, %rd1; st.global.u8 [%rd8], %r0;"
    run_ptx(body, np.zeros(4, np.uint8), block=(4,))
    with pytest.raises(Race):
        run_ptx(f"ld.global.u32 %r4, [%rd1]; {body}", np.zeros(4, np.uint8), block=(4,))
    with pytest.raises(Race):
        run_ptx(f"{body} ld.global.u32 %r4, [%rd1];", np.zeros(4, np.uint8), block=(4,))


def test_atomics_do_not_race_with_each_other_but_with_plain_accesses() -> None:
    total, add = np.zeros(1, np.uint32), "atom.global.add.u32 %r4, [%rd1], %r0;"
    run_ptx(add, total, grid=(3,), block=(40,))
    assert total[0] == sum(range(120))
    parted = "setp.eq.u32 %p1, %r0, 0;" + add.replace("atom", "@%p1 atom")
    for plain in ("@!%p1 ld.global.u32 %r5, [%rd1];", "@!%p1 st.global.u32 [%rd1], %r0;"):
        for body in (parted + plain, "setp.eq.u32 %p1, %r0, 0;" + plain + parted):
            with pytest.raises(Race):
                run_ptx(body, total, block=(2,))


@pytest.mark.parametrize("space", ["shared", "local"])
def test_without_a_barrier_shared_memory_races_and_local_memory_does_not(space: str) -> None:
    body = f""".{space} .align 4 .b8 s[256]; mov.u64 %rd3, s;
        mad.wide.s32 %rd4, %r3, 4, %rd3; st.{space}.u32 [%rd4], %r0; {{}}
        xor.b32 %r5, %r3, 1; mad.wide.s32 %rd5, %r5, 4, %rd3; ld.{space}.u32 %r6, [%rd5];"""
    if space == "shared":
        run_ptx(body.format("bar.sync 0;"), block=(64,), grid=(3,))
        with pytest.raises(Race, match="no barrier between"):
            run_ptx(body.format(""), block=(64,), grid=(3,))
    else:
        with pytest.raises(Uninitialised):
            run_ptx(body.format(""), block=(64,))


def test_a_fault_says_where_it_happened() -> None:
    with pytest.raises(Fault) as caught:
        run_ptx("ld.global.u32 %r4, [%rd1+4];", numbers(1))
    assert str(caught.value) == (
        "4 bytes at offset 4 of array 0 (uint32 of shape (1,)), which has 4 "
        "(kernel test, block 0, thread 0, at 'ld.global.u32 %r4, [%rd1+4]')"
    )
