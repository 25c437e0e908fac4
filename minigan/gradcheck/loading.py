"""Execute a Python file as `python FILE` does, but for its `if __name__ == "__main__"`.

    with loaded(file) as module:
        module.forward(x)

In the block, the module is in `sys.modules` and its folder is the first entry of `sys.path`. Every
exception of its code becomes a GradcheckInputError of one sentence with the file and the line.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from minigan.gradcheck.layout import exception_text, on_one_line
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.system.reading import read_whole

LARGEST = 16_000_000  # bytes


@contextmanager
def loaded(file: Path) -> Iterator[ModuleType]:
    """A context manager for the module of a file. No bytecode is read or written.

    Raises GradcheckInputError if the file cannot be read or is no regular file, and for any
    exception of its code or of the block, except for a KeyboardInterrupt.
    """
    source, full = _source(file), os.path.abspath(file)
    name = f"{file.stem.replace('.', '_')}_to_check"
    while name in sys.modules:
        name += "_"
    loader = SourceFileLoader(name, full)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    path, argv = sys.path, sys.argv
    sys.modules[name] = module
    sys.path, sys.argv = [os.path.dirname(full), *path], [str(file)]
    try:
        with _located_errors(file, full):
            exec(loader.source_to_code(source, full), module.__dict__)
            yield module
    finally:
        sys.path, sys.argv = path, argv
        sys.modules.pop(name, None)


def _source(file: Path) -> bytes:
    try:
        return read_whole(file, LARGEST)
    except FileNotFoundError:
        message = "there is no such file; check the path."
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = error.strerror if isinstance(error, OSError) else error
        message = f"cannot be read as a Python file ({reason})."
    raise GradcheckInputError(f"{on_one_line(str(file))}: {message}")


@contextmanager
def _located_errors(file: Path, full: str) -> Iterator[None]:
    """Convert any exception to a GradcheckInputError with the file and, if known, the line."""
    name = on_one_line(str(file))
    try:
        yield
    except KeyboardInterrupt:
        raise
    except GradcheckInputError as error:
        raise GradcheckInputError(f"{name}: {error}") from error
    except BaseException as error:
        frames = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in frames if frame.f_code.co_filename == full]
        if isinstance(error, SyntaxError) and error.filename == full:
            lines, problem = [error.lineno or 0], f"invalid Python: {error.msg}; correct the line."
        else:
            problem = f"the code raised {exception_text(error)}; correct it and check again."
        where = f", line {lines[-1]}" if lines and lines[-1] else ""
        raise GradcheckInputError(f"{name}{where}: {problem}") from error
