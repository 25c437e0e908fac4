"""Measure the cells of Table 2, and write them to one record, OUT/table2.json.

A cell that the record has, with the same seed and settings, is not measured again. The seconds of
a cell are processor time. They include the training of its model if no cell before it needed it.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.errors import UserError
from minigan.reports.table2.cells import CELLS
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import Models
from minigan.reports.table2.names import COLUMNS, ROWS
from minigan.system import json_files
from minigan.system.environment import environment
from minigan.system.fields import Limits
from minigan.system.files import write_atomically
from minigan.system.holding import held_alone
from minigan.system.messages import say
from minigan.system.values import one_of
from minigan.theory.table2.autocorrelation import TooFewStepsError
from minigan.training.progress import Progress

LARGEST_RECORD = 2**24  # bytes


@dataclass(frozen=True)
class Entry:
    """A measured cell: where it is, what made it, and its number."""

    row: str
    column: str
    seed: Annotated[int, Limits(0, 2**64 - 1)]
    settings: dict[str, Any]
    measured: Measured
    seconds: Annotated[float, Limits(0, 1e9)]
    environment: dict[str, Any]


@dataclass(frozen=True)
class Table2:
    """The measured cells."""

    cells: tuple[Entry, ...]

    def __str__(self) -> str:
        """One block for each row, at most 80 columns wide: the paper's words, then the number."""
        blocks = []
        for row, heading in ROWS.items():
            lines = [heading]
            for column, model in COLUMNS.items():
                for one in self.cells:
                    if (one.row, one.column) == (row, column):
                        cell = CELLS[row, column]
                        lines.append(f"  {model}: {cell.words}")
                        lines.append(f"      {cell.text(one.measured)}")
            if len(lines) > 1:
                blocks.append("\n".join(lines))
        return "\n\n".join(blocks)


class RecordNotWrittenError(UserError):
    """The record could not be written; `table` has the cells, among them the new one."""

    def __init__(self, message: str, table: Table2) -> None:
        super().__init__(message)
        self.table = table


def table2(
    rows: Sequence[str], columns: Sequence[str], seed: int, out: Path, quiet: bool
) -> Table2:
    """Measure the cells that the record in `out` lacks, write it after each, and return the cells.

    Raises UserError if the record cannot be read, or if another process is writing it, and
    RecordNotWrittenError, with the cells, if the record cannot be written.
    """
    file = record_in(out)
    asked = [(row, column) for row, column in CELLS if row in rows and column in columns]
    entries, models = [], Models(seed)
    with (
        held_alone(out),
        _kept(file),
        Progress(len(asked), quiet, unit="cell") as progress,
        threadpool_limits(1, user_api="blas"),  # these products are too small for two threads
        np.errstate(over="ignore", invalid="ignore"),
    ):
        known = list(read(file).cells) if file.exists() else []
        for row, column in asked:
            entry = _known(known, row, column, seed) or _measure(models, row, column)
            entries.append(entry)
            if entry not in known:
                known.append(entry)
                record = json.dumps(asdict(Table2(tuple(known))), indent=1)
                try:
                    write_atomically(file, f"{record}\n".encode())
                except OSError as error:
                    raise RecordNotWrittenError(
                        f"{file} cannot be written: {error.strerror or error}: choose another "
                        "--out",
                        Table2(tuple(entries)),
                    ) from None
            progress.advance(f"{row}, {column}")
    return Table2(tuple(entries))


@contextlib.contextmanager
def _kept(file: Path) -> Iterator[None]:
    """After an interrupt, say what is kept and how to continue."""
    try:
        yield
    except KeyboardInterrupt:
        if file.exists():
            say(f"the finished cells are kept in {file}: the same command continues")
        raise


def record_in(out: Path) -> Path:
    """The file of the record in the folder of --out."""
    return out / "table2.json"


def read(file: Path) -> Table2:
    """Read a record. Raises UserError, with the name of the field, if the file is not a record."""
    try:
        found = json_files.fields_of(file, Table2, json_files.load(file, LARGEST_RECORD))
        for i, one in enumerate(found.cells):
            _check(one, f"{file} is damaged: cells[{i}]")
    except UserError as error:
        raise UserError(f"{error}: remove the file, or name another folder with --out") from None
    return found


def _check(entry: Entry, name: str) -> None:
    """Raise UserError for an unknown cell, and for details that its sentence cannot be made of."""
    one_of(f"{name}.row", entry.row, tuple(ROWS))
    one_of(f"{name}.column", entry.column, tuple(COLUMNS))
    try:
        CELLS[entry.row, entry.column].text(entry.measured)
    except (LookupError, TypeError, ValueError):
        raise UserError(f"{name}.measured.details lacks a number that is printed") from None


def _known(known: Sequence[Entry], row: str, column: str, seed: int) -> Entry | None:
    """The entry of a cell with the settings that the cell has now."""
    asked = row, column, seed, CELLS[row, column].all_settings
    return next(
        (one for one in known if (one.row, one.column, one.seed, one.settings) == asked), None
    )


def _measure(models: Models, row: str, column: str) -> Entry:
    cell, begin = CELLS[row, column], time.process_time()
    try:
        measured = cell.measure(models, **cell.settings)
    except TooFewStepsError as error:
        raise UserError(f"{row}, {column}: {error}: choose another --seed") from None
    seconds = round(time.process_time() - begin, 3)
    return Entry(row, column, models.seed, cell.all_settings, measured, seconds, environment())
