"""Text for a terminal: tables and paragraphs of at most 80 columns, without control characters.

A verdict is coloured only if the caller requests it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from minigan.system.text import printable

WIDTH = 80
LONGEST = 300  # characters of an exception's message
TEXT_COLUMNS = ("input", "shape", "method", "verdict")
LEFT_OUT = ("analytic", "numeric", "tolerance", "method")  # in this order, until the table fits
SHORTENED = (("input", 24), ("shape", 12), ("entries", 20), ("input", 6))  # then, to these widths
COLOURS = {"FAIL": "1;31", "inconclusive": "33", "pass": "32", "kink": "32"}  # ANSI codes


def table_text(lines: Sequence[dict[str, str]], color: bool = False) -> str:
    """Lines of cells by column as plain text: text is aligned left, numbers right.

    The last column is the verdict. If the table is too wide, the columns `LEFT_OUT` are dropped one
    by one; then long cells are shortened.
    """
    lines = [{column: column for column in lines[0]}, *lines]
    widths = {column: max(len(line[column]) for line in lines) for column in lines[0]}

    def excess() -> int:
        return max(0, sum(widths.values()) + 2 * (len(widths) - 1) - WIDTH)

    for column in LEFT_OUT:
        if excess():
            del widths[column]
    for column, least in SHORTENED:
        widths[column] = max(widths[column] - excess(), min(widths[column], least))
    return "\n".join(_table_line(line, widths, color) for line in lines)


def _table_line(line: dict[str, str], widths: dict[str, int], color: bool) -> str:
    cells = []
    for column, width in widths.items():
        cell = shortened(line[column], width)
        cells.append(cell.ljust(width) if column in TEXT_COLUMNS else cell.rjust(width))
    verdict = line["verdict"]
    return "  ".join([*cells[:-1], painted(verdict, verdict, color)])


def wrapped(text: str, verdict: str, color: bool = False) -> str:
    """A paragraph that starts with a verdict."""
    return painted(textwrap.fill(text, WIDTH, break_on_hyphens=False), verdict, color)


def painted(text: str, verdict: str, color: bool) -> str:
    """The text; with `color`, the first occurrence of the verdict is coloured."""
    if not color or verdict not in COLOURS:
        return text
    return text.replace(verdict, f"\x1b[{COLOURS[verdict]}m{verdict}\x1b[0m", 1)


def on_one_line(text: str) -> str:
    """The text with every control character escaped, for example a line feed as two characters."""
    return printable(text, frozenset())


def shortened(text: str, width: int) -> str:
    """The text, with '...' instead of its middle if it is longer than `width`."""
    tail = (width - 3) // 2
    return text if len(text) <= width else f"{text[: width - 3 - tail]}...{text[-tail:]}"


def exception_text(error: BaseException) -> str:
    """Type and message in one line. The exception's own methods may fail."""
    name = shortened(on_one_line(type(error).__name__), LONGEST)
    try:
        text = str(error)[: 10 * LONGEST]
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"{name}, whose message cannot be printed"
    return f"{name}: {shortened(on_one_line(' '.join(text.split())), LONGEST) or 'no message'}"


def listed(names: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c', 'a, b, c and 2 others'."""
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def counted(count: int, noun: str) -> str:
    """'1 point', '2 points'."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
