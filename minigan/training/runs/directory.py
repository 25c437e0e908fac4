"""The folder of a run, with these files:

recipe.toml         the recipe with all changes; `minigan train RUN/recipe.toml` repeats the run
environment.json    seed, data, versions, BLAS kernel, threads, processor; the same per resumption
log.jsonl           one line of JSON per logged iteration (log.csv, tensorboard/: on request)
samples/*.png       sample sheets for a fixed z, named by iteration
samples.png         the latest sample sheet
animation.png       all sample sheets as an animation
checkpoint.npz      the last state: theta_g, theta_d, the optimizers' arrays, the iteration
best.npz            the state with the best value of the monitored metric
checkpoints/*.npz   the states kept every `log.keep_every` iterations, named by iteration
inference.npz       the inference network of the last checkpoint, if `minigan infer` has trained it
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.system import files, json_files, links
from minigan.system.text import command
from minigan.training import pictures, recipes
from minigan.training.pictures.animation import animation
from minigan.training.runs import checkpoint, pretrained
from minigan.training.runs.facts import Facts
from minigan.training.runs.repeating import repeating

LARGEST_ENVIRONMENT = 10_000_000  # bytes
NO_RUN = (
    "is not a run folder: it holds no recipe.toml; give a folder that minigan train has written, "
    "such as runs/digits-1"
)
BEFORE_CHECKPOINT = ("samples", "recipe.toml", "environment.json")


@dataclass(frozen=True)
class RunDirectory:
    """The files of one run. Every write is atomic: it succeeds, or leaves the previous file."""

    path: Path

    @classmethod
    def create(cls, name: str, path: Path | None) -> RunDirectory:
        """Create the folder `path`, or, if it is None, the first free of runs/NAME-1, -2, ...

        A folder that a stopped process has left before its first checkpoint is used again. Raises
        UserError if the folder already exists or cannot be created.
        """
        try:
            if path is None:
                path = _first_free(Path("runs"), name)
                (path / "samples").mkdir()
            elif not _is_unfinished(path):
                with files.new_folder(path) as folder:
                    (folder / "samples").mkdir()
        except OSError as error:
            if isinstance(error, FileExistsError) and path is not None:
                resume = f", or resume it with {command('train', '--resume', path)}"
                raise UserError(
                    f"{path} already exists: choose another --out"
                    f"{resume if (path / 'checkpoint.npz').exists() else ''}"
                ) from None
            raise UserError(
                f"the run folder {path or error.filename} cannot be created: {error.strerror}; "
                "choose another --out"
            ) from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Open an existing run folder, or a pretrained generator by name.

        Raises UserError if `path` is neither.
        """
        path = pretrained.resolve(path)
        if not (path / "recipe.toml").is_file():
            names = "".join(f", or the name {name}" for name in pretrained.pretrained_names())
            raise UserError(f"{path} {NO_RUN}{names}")
        return cls(path)

    @classmethod
    def open_trained(cls, path: Path) -> RunDirectory:
        """Open a folder that minigan train has written.

        Raises UserError if `path` is not one, also for the name of a pretrained generator.
        """
        pretrained.require_run(path)
        if not (path / "recipe.toml").is_file():
            raise UserError(f"{path} {NO_RUN}")
        return cls(path)

    def file(self, name: str) -> Path:
        """The path of a file or folder of the run.

        Raises OSError if it is a link that leads out of the run folder. The links of a pretrained
        generator belong to the installation.
        """
        inside = self.path.is_relative_to(pretrained.MODELS)
        return self.path / name if inside else links.inside(self.path, name)

    @property
    def log(self) -> Path:
        """The path of log.jsonl."""
        return self.file("log.jsonl")

    def write_recipe(self, value: recipes.AnyRecipe) -> None:
        """Write recipe.toml."""
        self._write("recipe.toml", recipes.to_toml(value).encode())

    def read_recipe(self) -> recipes.Recipe:
        """Read recipe.toml. Raises UserError for the run of another model than a GAN."""
        return recipes.load(str(self.file("recipe.toml")))

    def read_any_recipe(self) -> recipes.AnyRecipe:
        """Read recipe.toml of a run of any model."""
        return recipes.load_any(str(self.file("recipe.toml")))

    def write_environment(self, facts: Mapping[str, Any]) -> None:
        """Write environment.json."""
        self._write("environment.json", (json.dumps(facts, indent=2) + "\n").encode())

    def read_environment(self) -> dict[str, Any]:
        """Read environment.json, with all fields of `Facts` checked.

        Raises UserError if it is missing or damaged.
        """
        path = self.file("environment.json")
        found: Any = None
        try:
            found = json_files.load(path, LARGEST_ENVIRONMENT)
            json_files.fields_of(path, Facts, found, others=True)
        except UserError as error:
            raise UserError(
                f"{error}; restore this file, or train again: {repeating(self.path, found)}"
            ) from None
        whole: dict[str, Any] = found
        return whole

    def write_sheet(self, iteration: int, picture: Array) -> None:
        """Write samples/ITERATION.png and samples.png."""
        png = pictures.png(picture)
        self.file("samples").mkdir(exist_ok=True)
        self._write(f"samples/{iteration:08d}.png", png)
        self._write("samples.png", png)

    def sheets(self) -> dict[int, Path]:
        """The sample sheets by iteration, without links."""
        found = numbered(self.file("samples"), ".png")
        return {t: path for t, path in found.items() if not path.is_symlink()}

    def forget_sheets_after(self, iteration: int) -> None:
        """Remove the sheets of later iterations. A run resumed from here draws them again."""
        for t, path in self.sheets().items():
            if t > iteration:
                path.unlink()

    def write_animation(self) -> None:
        """Write animation.png from all sheets, if there are at least two."""
        png = animation(list(self.sheets().values()))
        if png:
            self._write("animation.png", png)

    def save_checkpoint(self, arrays: Mapping[str, Array], *, keep: bool, best: bool) -> None:
        """Write checkpoint.npz. keep, best: first write the same arrays as kept or best checkpoint.

        Raises OSError if a file cannot be written.
        """
        if keep:
            self.file("checkpoints").mkdir(exist_ok=True)
            checkpoint.save(self._kept(int(arrays["iteration"])), arrays)
        if best:
            checkpoint.save(self.file("best.npz"), arrays)
        checkpoint.save(self.file("checkpoint.npz"), arrays)

    def load_checkpoint(
        self, which: str = "last", required: Sequence[str] = ()
    ) -> dict[str, Array]:
        """Load the checkpoint `which`: "last", "best", or the iteration of a kept one, as "5000".

        Raises the errors of `checkpoint.load`, with the names of the other checkpoints.
        """
        try:
            return checkpoint.load(self.checkpoint_path(which), required)
        except UserError as error:
            others = [name for name in self.checkpoints() if name != which]
            names = f"; available checkpoints: {', '.join(others)}" if others else ""
            raise type(error)(f"{error}{names}") from None

    def checkpoint_path(self, which: str) -> Path:
        """The file of a checkpoint, named as in `load_checkpoint`; it may not exist."""
        if which.isascii() and which.isdigit() and len(which) <= 12:
            return self._kept(int(which))
        if which not in ("last", "best"):
            raise UserError(f"the checkpoint must be last, best or an iteration, not {which!r}")
        return self.file("best.npz" if which == "best" else "checkpoint.npz")

    def checkpoints(self) -> list[str]:
        """The names of all existing checkpoints, as `load_checkpoint` accepts them."""
        names = {"last": "checkpoint.npz", "best": "best.npz"}
        existing = [name for name, file in names.items() if (self.path / file).exists()]
        return existing + [str(t) for t in numbered(self.file("checkpoints"), ".npz")]

    def _kept(self, iteration: int) -> Path:
        return self.file(f"checkpoints/{iteration:08d}.npz")

    def _write(self, name: str, data: bytes) -> None:
        files.write_atomically(self.file(name), data)


def numbered(folder: Path, suffix: str) -> dict[int, Path]:
    """The files of a folder that are named by an iteration, as 00000050.png, in their order."""
    found = (re.fullmatch(rf"([0-9]{{1,12}}){suffix}", path.name) for path in folder.glob("*"))
    return dict(sorted((int(name[1]), folder / name.string) for name in found if name))


def _is_unfinished(path: Path) -> bool:
    """Whether a folder holds nothing but what a run writes before its first checkpoint.

    Such a folder is left by a process that was killed, or that met a full disk.
    """
    try:
        names = {one.name for one in path.iterdir()}
        samples = path / "samples"
        empty = not samples.is_symlink() and not any(samples.iterdir())
    except OSError:
        return False
    return empty and all(n in BEFORE_CHECKPOINT or files.is_temporary(n) for n in names)


def _first_free(folder: Path, name: str) -> Path:
    """Create and return the first of folder/name-1, folder/name-2, ... that does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = folder / f"{name}-{number}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path
