"""Check the functions that a Python file defines.

    forward(*inputs) -> y      backward(dy, *inputs) -> gradients      example() -> inputs

The file is run in a namespace of its own and is not imported: it needs no package, and nothing
stays behind in `sys.modules`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from minigan.gradcheck.checking import check
from minigan.gradcheck.pair import GradcheckInputError
from minigan.gradcheck.report import Report

NEEDED = ("forward", "backward", "example")


def check_file(path: str | Path) -> Report:
    """The report on `forward` and `backward` of a Python file at the inputs `example()` returns.

    Raises GradcheckInputError, in one sentence that names the file and, where there is one, the
    line: no such file, not Python, a function missing, example() returning no tuple, or an
    exception in the file's own code.
    """
    file = Path(path)
    functions = functions_of(file)
    with blamed_on(file):
        inputs = functions["example"]()
    if not isinstance(inputs, tuple):
        raise GradcheckInputError(
            f"{file}: example() returned {type(inputs).__name__}; "
            "it must return the tuple of forward's inputs, for instance `return (x, W)`."
        )
    with blamed_on(file):
        return check(functions["forward"], functions["backward"], *inputs)


def functions_of(file: Path) -> dict[str, Callable[..., Any]]:
    """Run the file and return its three functions."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GradcheckInputError(f"{file}: there is no such file; check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise GradcheckInputError(f"{file}: cannot be read as a Python file ({error}).") from None
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    with blamed_on(file), importable_from(file):
        exec(compile(text, str(file), "exec"), module.__dict__)
    missing = [name for name in NEEDED if not callable(getattr(module, name, None))]
    if missing:
        raise GradcheckInputError(
            f"{file}: does not define {' and '.join(f'{name}()' for name in missing)}; "
            "a file to check defines forward(*inputs), backward(dy, *inputs) and example()."
        )
    return {name: getattr(module, name) for name in NEEDED}


@contextmanager
def importable_from(file: Path) -> Iterator[None]:
    """Let the file import its neighbours, as `python file.py` would."""
    folder = str(file.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


@contextmanager
def blamed_on(file: Path) -> Iterator[None]:
    """Turn an exception of the file's own code into one sentence with its line."""
    try:
        yield
    except GradcheckInputError as error:
        raise GradcheckInputError(f"{file}: {error}") from None
    except SyntaxError as error:
        raise GradcheckInputError(
            f"{file}, line {error.lineno}: this is not Python ({error.msg}); correct the line."
        ) from None
    except (Exception, SystemExit) as error:
        line = line_in(file, error)
        where = f"{file}, line {line}" if line else f"{file}"
        raise GradcheckInputError(
            f"{where}: the code raised {type(error).__name__}: {str(error) or 'no message'}; "
            "correct it and check again."
        ) from error


def line_in(file: Path, error: BaseException) -> int | None:
    """The last line of the file that the exception passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file)), None)
