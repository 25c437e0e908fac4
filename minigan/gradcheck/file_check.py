"""Check the functions defined in a Python file.

    forward(*inputs) -> y      backward(dy, *inputs) -> gradients      example() -> inputs

The file is executed in a new namespace and not imported: it need not belong to a package, and
`sys.modules` does not change.
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

REQUIRED = ("forward", "backward", "example")


def check_file(path: str | Path) -> Report:
    """Check `forward` and `backward` of a Python file at the inputs that `example()` returns.

    Raises GradcheckInputError if the file does not exist, is not valid Python or lacks a function,
    if example() returns no tuple, or if the code of the file raises an exception. The message is
    one sentence with the path and, if known, the line number.
    """
    file = Path(path)
    functions = load_functions(file)
    with located_errors(file):
        inputs = functions["example"]()
    if not isinstance(inputs, tuple):
        raise GradcheckInputError(
            f"{file}: example() returned {type(inputs).__name__}; "
            "it must return the tuple of forward's inputs, for instance `return (x, W)`."
        )
    with located_errors(file):
        return check(functions["forward"], functions["backward"], *inputs)


def load_functions(file: Path) -> dict[str, Callable[..., Any]]:
    """Execute the file and return its three functions. Raises GradcheckInputError."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GradcheckInputError(f"{file}: there is no such file; check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise GradcheckInputError(f"{file}: cannot be read as a Python file ({error}).") from None
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    with located_errors(file), importable_from(file):
        exec(compile(text, str(file), "exec"), module.__dict__)
    missing = [name for name in REQUIRED if not callable(getattr(module, name, None))]
    if missing:
        raise GradcheckInputError(
            f"{file}: does not define {' and '.join(f'{name}()' for name in missing)}; "
            "a file to check defines forward(*inputs), backward(dy, *inputs) and example()."
        )
    return {name: getattr(module, name) for name in REQUIRED}


@contextmanager
def importable_from(file: Path) -> Iterator[None]:
    """Add the file's folder to `sys.path`, as `python file.py` does: it may import from there."""
    folder = str(file.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


@contextmanager
def located_errors(file: Path) -> Iterator[None]:
    """Convert an exception of the file's code to a GradcheckInputError with the line number."""
    try:
        yield
    except GradcheckInputError as error:
        raise GradcheckInputError(f"{file}: {error}") from None
    except SyntaxError as error:
        raise GradcheckInputError(
            f"{file}, line {error.lineno}: invalid Python ({error.msg}); correct the line."
        ) from None
    except (Exception, SystemExit) as error:
        line = line_number_in(file, error)
        where = f"{file}, line {line}" if line else f"{file}"
        raise GradcheckInputError(
            f"{where}: the code raised {type(error).__name__}: {str(error) or 'no message'}; "
            "correct it and check again."
        ) from error


def line_number_in(file: Path, error: BaseException) -> int | None:
    """The number of the last line of the file in the traceback; None if there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file)), None)
