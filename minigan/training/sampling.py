"""Draw samples from the G of a run folder: its data set need not be there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from minigan.backends import open_backend
from minigan.data import points
from minigan.draws import noise
from minigan.errors import UserError
from minigan.system.files import replacing
from minigan.training import pictures
from minigan.training.experiment import build_G
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.runs.directory import RunDirectory
from minigan.training.sampler import Sampler

LARGEST_SHEET = 10_000


def load_sampler(
    path: Path,
    which: str = "last",
    device: str = "cpu",
    averaged: bool = True,
    parts: Parts = NO_PARTS,
) -> Sampler:
    """G of the run at `path` as its checkpoint left it: last, best or an iteration that was kept.

    Where the recipe averages G, it is the average, unless averaged=False asks for theta_g itself.
    `parts` gives the run's own G or prior, where it was trained with such. Raises UserError.
    """
    run = RunDirectory.open(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    parts.require(facts.get("parts", {}), path, ("G", "prior"))
    backend, n = open_backend(device), math.prod(facts["data"]["shape"])
    G = backend.network(parts.G or build_G(recipe.generator, recipe.prior.size, n))
    name = "average_g" if averaged and recipe.generator.average_every else "theta_g"
    theta_g, learnt = G.zeros(xp=backend.xp), run.load_checkpoint(which).get(name)
    kinds = (theta_g.vector.dtype, np.float16)  # the latter of a G that comes with minigan
    if learnt is None or learnt.shape != theta_g.vector.shape or learnt.dtype not in kinds:
        raise UserError("the checkpoint does not fit the networks of this recipe")
    if not np.isfinite(learnt).all():
        raise UserError("the checkpoint holds numbers that no training leaves")
    theta_g.assign(backend.asarray(learnt.astype(theta_g.vector.dtype)))
    return Sampler(G, theta_g, parts.prior or noise.PRIORS[recipe.prior.kind], backend)


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
    sampler = load_sampler(path, which, device)
    samples = sampler.samples(sampler.noise(count, seed))
    with replacing(out) as file:
        if suffix == ".png":
            data = RunDirectory.open(path).read_environment()["data"]
            known = data["set"] in points.SHAPES
            references = points.load(data["set"])[1].all() if known else None
            picture = pictures.picture(samples, tuple(data["shape"]), references)
            if picture is None:
                raise UserError(f"samples of {data['set']} have no picture: use a .npy file")
            file.write(pictures.png(picture))
        else:
            np.lib.format.write_array(file, samples, allow_pickle=False)
    return out
