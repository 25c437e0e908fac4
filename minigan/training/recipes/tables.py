"""The tables that the recipes of all models have: the data set and the log; and their names.

Each class checks its values and raises UserError, with the name of the setting, for an invalid one.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.data.points import SHAPES
from minigan.data.sets import SETS
from minigan.draws.minibatches import ORDERS
from minigan.errors import UserError
from minigan.system.values import one_of, within, without_effect
from minigan.training.completion.masks import MASKS

MONITORS = ("none", "validation_distance", "parzen")
NAME = r"[\w-][\w.-]{0,99}"
NAME_RULE = (
    "must be 1 to 100 letters, digits, '-', '_' or '.', and must not start with '.': the name of "
    "the run folder contains it"
)


@dataclass(frozen=True)
class Data:
    """The data set, and the order in which minibatches are drawn from it.

    `height`, `width` and `channels` apply to set = "folder" only. Images are scaled to height and
    width in pixels (0: not scaled) and converted to grey (channels = 1) or colour (3; 0: not
    converted). `contrast` is the norm of each image after global contrast normalisation
    (`minigan.data.contrast`); 0: pixels in [0, 1]. `masks`: the kinds of masks in a run that trains
    G to complete pictures (`minigan.training.completion`); none: a run without masks.
    """

    set: str
    order: str
    height: int = 0
    width: int = 0
    channels: int = 0
    contrast: float = 0.0
    masks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        one_of("data.set", self.set, SETS)
        one_of("data.order", self.order, ORDERS)
        within("data.height", self.height, 0, 4096)
        within("data.width", self.width, 0, 4096)
        within("data.contrast", self.contrast, 0, 1e6)
        for kind in self.masks:
            one_of("data.masks", kind, tuple(MASKS))
        if self.contrast and self.masks:
            raise UserError("data.masks is for pixels in [0, 1]: leave out data.contrast")
        if self.contrast and self.set in SHAPES:
            raise UserError(f"data.contrast is for images: leave it out for {self.set!r}")
        if self.channels not in (0, 1, 3):
            raise UserError(
                f"data.channels = {self.channels} must be 1 (grey), 3 (colour) or 0 (not converted)"
            )
        if self.set != "folder":
            for name in ("height", "width", "channels"):
                reason = f"with data.set = {self.set!r}"
                without_effect(f"data.{name}", getattr(self, name), 0, reason)
        if (self.height == 0) != (self.width == 0):
            raise UserError("set both data.height and data.width, or neither")


@dataclass(frozen=True)
class Log:
    """How often to log and to save, in iterations.

    every: a log line.
    save_every: a save, which writes a checkpoint and a sample sheet.
    keep_every: a save whose checkpoint is kept, instead of being overwritten by the next; 0: none.
    monitor: the metric that selects the best checkpoint, computed at each save.
    """

    every: int
    save_every: int
    keep_every: int
    monitor: str

    def __post_init__(self) -> None:
        within("log.every", self.every, 1, 10**9)
        within("log.save_every", self.save_every, 1, 10**9)
        within("log.keep_every", self.keep_every, 0, 10**9)
        one_of("log.monitor", self.monitor, MONITORS)
        if self.keep_every % self.save_every:
            raise UserError(
                f"log.keep_every = {self.keep_every} must be a multiple of log.save_every = "
                f"{self.save_every}, because only a saved checkpoint can be kept"
            )
