"""The fields of environment.json that minigan reads back, with their types and ranges.

Other fields (versions, BLAS, processor) are only shown, and can have any value.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from minigan.data import points, sets
from minigan.errors import UserError
from minigan.system.fields import Limits

Size = Annotated[int, Limits(1, 10**5)]


@dataclass(frozen=True)
class DataFacts:
    """The data set of a run.

    `shape` is (height, width, channels) of an image or (d,) of a point. `digest` is the hash of the
    training examples, and `splits` that of all examples and labels; older runs do not have it.
    `notes` say which files were not used, and how the pictures were converted. `classes` are the
    names of the classes of a conditional run.
    """

    set: str
    shape: tuple[Size, ...]
    where: str | None = None
    digest: str | None = None
    splits: str | None = None
    notes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        image = len(self.shape) == 3 and self.shape[2] <= 4
        if not image and len(self.shape) != 1:
            raise ValueError(f"shape = {list(self.shape)} is not the shape of one example")
        if self.set in points.SHAPES and self.shape != (2,):
            raise ValueError(f"shape = {list(self.shape)} is not that of the set {self.set}")


@dataclass(frozen=True)
class EquilibriumFacts:
    """The values of a custom objective at the equilibrium."""

    V: float
    loss_g: float
    D: float


@dataclass(frozen=True)
class ObjectiveFacts:
    """A custom objective: the unit and the equilibrium of its losses."""

    unit: str
    equilibrium: EquilibriumFacts


@dataclass(frozen=True)
class Resumption:
    """One resumption of a run."""

    iteration: int | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        if not self.device.strip():
            raise ValueError("device is empty")


@dataclass(frozen=True)
class Facts:
    """The content of environment.json. `iteration` is present for exported generators only."""

    seed: Annotated[int, Limits(0, 2**64 - 1)]
    data: DataFacts
    device: str = "cpu"
    parts: dict[str, str] | None = None
    objective: ObjectiveFacts | None = None
    resumed: tuple[Resumption, ...] = ()
    iteration: int | None = None

    def __post_init__(self) -> None:
        if not self.device.strip():
            raise ValueError("device is empty")


def require_same_data(data: sets.DataSet, facts: Mapping[str, Any], path: Path) -> str | None:
    """Compare a data set with the one that the run at `path` has recorded in `facts`["data"].

    Returns a sentence if the validation and test examples cannot be compared, because the run is of
    a version that recorded the training examples only. Raises UserError if the data set differs.
    """
    recorded, advice = facts["data"], "give the folder of the original data set as --data-dir"
    if data.digest != recorded.get("digest"):
        raise UserError(f"the data set differs from the one that {path} was trained on: {advice}")
    splits = recorded.get("splits")
    if splits is None:
        if data.name != "folder" and data.name in sets.SETS:
            return None  # a data set of fixed content, which is verified when it is read
        return (
            f"{path} was trained by an older version, which recorded its training data only: its "
            "validation and test data could not be compared"
        )
    if data.digest_of_splits != splits:
        raise UserError(
            f"the validation or test data, or the labels, differ from those of the run {path}: "
            f"{advice}"
        )
    return None


def source_of(data: dict[str, Any]) -> Path | None:
    """The folder from which a run loaded its data (environment.json); None if it is gone."""
    where = data.get("where")
    return Path(where) if where is not None and os.path.exists(where) else None
