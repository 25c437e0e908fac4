r"""Text that comes from files and arguments, made safe where it is printed.

printable("\x1b[2J")                  \x1b[2J     a terminal would obey the character itself
command("train", "--resume", path)    minigan train --resume 'my run'
shell_words("cp", path, "copy")       cp 'my run' copy
table_cell("one | two")               one &#124; two     a cell of a Markdown table
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, TextIO

KEPT = frozenset("\n\t")  # besides printable characters


def printable(text: str, kept: frozenset[str] = KEPT) -> str:
    """The text with every control character, except `kept`, as an escape sequence of Python."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in kept else one.encode("unicode_escape").decode()
        for one in text
    )


class PrintableStream:
    """A text stream that writes printable text only. Anything else is that of the stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text with its control characters escaped."""
        return self._stream.write(printable(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def with_colours(stream: TextIO) -> TextIO:
    """The stream behind a `PrintableStream`, for text whose escape sequences are minigan's own."""
    return stream._stream if isinstance(stream, PrintableStream) else stream


def command(*words: str | Path) -> str:
    """A command of minigan that can be copied into a shell, with these arguments quoted."""
    return shell_words("minigan", *words)


def shell_words(*words: str | Path) -> str:
    """A line that can be copied into a shell, with these words quoted."""
    return " ".join(map(_word, words))


def table_cell(text: str) -> str:
    """The text as one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "&#124;")


def _word(word: str | Path) -> str:
    """One argument for a shell. A path that looks like an option begins with "./"."""
    text = str(word)
    if isinstance(word, Path) and text.startswith("-"):
        text = f"./{text}"
    if text.isprintable():
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{''.join(one if one.isprintable() else _octal(one) for one in escaped)}'"


def _octal(character: str) -> str:
    """The bytes of a character in the $'...' of a shell."""
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
