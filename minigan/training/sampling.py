"""Draw samples from the G of a run folder: its data set need not be there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from minigan.backends import open_backend
from minigan.data import points
from minigan.errors import UserError
from minigan.system.files import replacing
from minigan.training import pictures
from minigan.training.experiment import build_G
from minigan.training.runs.directory import RunDirectory
from minigan.training.sampler import Sampler

LARGEST_SHEET = 10_000


def load(path: Path, which: str = "last", device: str = "cpu", averaged: bool = True) -> Sampler:
    """G of the run at `path` as its checkpoint left it: last, best or an iteration that was kept.

    Where the recipe averages G, it is the average, unless averaged=False asks for theta_g itself.

    Raises UserError.
    """
    run = RunDirectory.open(path)
    recipe, shape = run.read_recipe(), run.read_environment()["data"]["shape"]
    backend = open_backend(device)
    G = build_G(recipe.generator, recipe.prior.size, math.prod(shape))
    name = "average_g" if averaged and recipe.generator.average_every else "theta_g"
    theta_g, learnt = G.zeros(xp=backend.xp), run.load_checkpoint(which).get(name)
    kinds = (theta_g.vector.dtype, np.float16)  # the latter of a G that comes with minigan
    if learnt is None or learnt.shape != theta_g.vector.shape or learnt.dtype not in kinds:
        raise UserError("the checkpoint does not fit the networks of this recipe")
    if not np.isfinite(learnt).all():
        raise UserError("the checkpoint holds numbers that no training leaves")
    theta_g.assign(backend.asarray(learnt.astype(theta_g.vector.dtype)))
    return Sampler(G, theta_g, recipe.prior, backend)


def sample(
    path: Path, count: int, seed: int, out: Path, which: str = "last", device: str = "cpu"
) -> Path:
    """Draw `count` samples from the run at `path` into `out`: a .png picture or a .npy array.

    Returns `out`. The noise is the draw (seed, "noise/samples", 0). Raises UserError, OSError.
    """
    suffix = out.suffix.lower()
    if suffix not in (".png", ".npy"):
        raise UserError(f"{out} must end in .png (a sheet) or .npy (an array)")
    if suffix == ".png" and count > LARGEST_SHEET:
        raise UserError(
            f"a sheet holds at most {LARGEST_SHEET} samples, not {count}: use a .npy file"
        )
    sampler = load(path, which, device)
    samples = sampler.samples(sampler.noise(count, seed))
    with replacing(out) as file:
        if suffix == ".png":
            data = RunDirectory.open(path).read_environment()["data"]
            references = points.load(data["set"])[1].all() if len(data["shape"]) == 1 else None
            picture = pictures.picture(samples, tuple(data["shape"]), references)
            file.write(pictures.png(picture))
        else:
            np.lib.format.write_array(file, samples, allow_pickle=False)
    return out
