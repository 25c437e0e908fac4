"""Tables and paragraphs: 80 columns at most, nothing but printable characters."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from minigan.gradcheck import layout

CELLS = {
    "input": "W", "shape": "3x4", "method": "complex", "entries": "12",
    "analytic": "0.1235", "numeric": "0.1235", "error": "1.0e-16", "tolerance": "1e-10",
    "verdict": "pass",
}  # fmt: skip


def table(**cells):
    header, line = layout.table_text([CELLS | cells]).splitlines()
    return header.split(), line


def test_columns_are_left_out_in_this_order_until_the_table_fits():
    everything = list(CELLS)
    assert table()[0] == everything
    for width, left_out in (
        (6, set()),
        (8, {"analytic"}),
        (20, {"analytic", "numeric"}),
        (30, {"analytic", "numeric", "tolerance"}),
        (40, {"analytic", "numeric", "tolerance", "method"}),
    ):
        header, line = table(input="W" * width)
        assert header == [column for column in everything if column not in left_out], width
        assert "W" * width in line


def test_then_the_middle_of_names_and_shapes_is_left_out():
    header, line = table(input="simultaneous, " * 9 + "linear1.W", shape="1000x2000x3000x4000x5000")
    assert header == ["input", "shape", "entries", "error", "verdict"]
    assert re.match(r"simultaneous.*\.\.\..*linear1\.W  1000x2000x3000x4000x5000 ", line)
    assert len(line) <= 80


@given(st.dictionaries(st.sampled_from([*CELLS][:4]), st.text("x" * 9, max_size=200)))
@example(dict.fromkeys(["input", "shape", "entries"], "x" * 200))
def test_a_table_is_80_columns_wide_at_most(cells):
    verdict = {"verdict": "not differentiated", "method": "one-sided"}
    lines = [CELLS | cells | verdict, CELLS]
    assert max(map(len, layout.table_text(lines).splitlines())) <= 80


def test_text_is_aligned_left_and_numbers_right():
    assert layout.table_text([CELLS, CELLS | {"input": "x", "entries": "3/12", "error": "0"}]) == (
        "input  shape  method   entries  analytic  numeric    error  tolerance  verdict\n"
        "W      3x4    complex       12    0.1235   0.1235  1.0e-16      1e-10  pass\n"
        "x      3x4    complex     3/12    0.1235   0.1235        0      1e-10  pass"
    )


def test_colours_mark_the_verdict_only():
    coloured = layout.table_text([CELLS | {"input": "pass"}], color=True)
    assert coloured.splitlines()[1].startswith("pass ")
    assert coloured.endswith("  \x1b[32mpass\x1b[0m")
    assert layout.wrapped("FAIL for x: FAIL", "FAIL", True) == "\x1b[1;31mFAIL\x1b[0m for x: FAIL"
    assert layout.wrapped("note for x: note", "note", True) == "note for x: note"


def test_a_paragraph_is_wrapped_but_not_at_hyphens():
    text = layout.wrapped("word 1e-10 " * 30 + "x" * 200, "note")
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"-$", text, re.MULTILINE)


def test_every_control_character_is_escaped():
    assert layout.on_one_line("a\tb\n\x1b[1m\x7f\u202e\udc80") == (r"a\tb\n\x1b[1m\x7f\u202e\udc80")
    assert layout.on_one_line("θ été 入力 'x'") == "θ été 入力 'x'"


def test_the_middle_of_a_long_text_is_left_out():
    assert layout.shortened("abcdefghij", 10) == "abcdefghij"
    assert layout.shortened("abcdefghijk", 10) == "abcd...ijk"
    assert layout.shortened("abcdefghijk", 6) == "ab...k"


def test_lists_and_counts_are_english():
    assert layout.listed(["a"]) == "a"
    assert layout.listed(["a", "b"]) == "a and b"
    assert layout.listed(list("abcd")) == "a, b, c and d"
    assert layout.listed(list("abcde")) == "a, b, c and 2 others"
    assert (layout.counted(1, "point"), layout.counted(2, "point")) == ("1 point", "2 points")


def test_an_exception_in_one_line():
    class Broken(Exception):
        def __str__(self):
            raise ValueError

    assert layout.exception_text(ValueError("a\nb")) == "ValueError: a b"
    assert layout.exception_text(ValueError()) == "ValueError: no message"
    assert layout.exception_text(Broken()) == "Broken, whose message cannot be printed"
