"""Draw samples from the G, or the other model, of a run folder. Its data set is not needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.backends import open_backend
from minigan.data import points
from minigan.draws import noise
from minigan.errors import UserError
from minigan.system.files import replacing
from minigan.training import pictures
from minigan.training.networks import networks_of
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.relatives.loading import load_model, trains_a_relative
from minigan.training.runs import checkpoint
from minigan.training.runs.directory import RunDirectory
from minigan.training.sampler import Sampler, zeros_of

LARGEST_SHEET = 10_000


def load_sampler(
    path: Path,
    which: str = "last",
    device: str = "cpu",
    averaged: bool = True,
    parts: Parts = NO_PARTS,
    state: Mapping[str, Array] | None = None,
) -> Sampler:
    """Load G and the prior from a checkpoint of the run at `path`.

    which: "last", "best", or the iteration of a kept checkpoint, for example "5000".
    device: "cpu", "cuda", "cuda:1", ...
    averaged: if the recipe averages G, load the average instead of theta_g.
    parts: the custom G or prior that the run was trained with, if any.
    state: the arrays of this checkpoint, if they have been read already.

    Raises UserError if the folder or the checkpoint cannot be used, if the parts differ from
    those of the run, or if the device is not available.
    """
    run = RunDirectory.open(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    parts.require(facts.get("parts") or {}, path, ("G", "prior"))
    backend, n = open_backend(device), math.prod(facts["data"]["shape"])
    classes = facts["data"].get("classes", [])
    if recipe.conditional != bool(classes):
        raise UserError(
            f"recipe.toml and environment.json of {path} contradict each other: one of them is "
            "that of a run with classes; restore the original files"
        )
    image = facts["data"]["shape"]
    G = backend.network(parts.G or networks_of(recipe, n, image, len(classes))[0])
    name = "average_g" if averaged and recipe.generator.average_every else "theta_g"
    size = sum(map(math.prod, G.shapes.values()))
    # float16: pretrained generators. The size is compared before memory is allocated.
    kinds = (np.float32, np.float16)
    arrays = run.load_checkpoint(which) if state is None else state
    saved = checkpoint.matching(arrays, name, (size,), kinds)
    theta_g = G.zeros(xp=backend.xp)
    theta_g.assign(backend.asarray(saved.astype(theta_g.vector.dtype)))
    prior = parts.prior or noise.PRIORS[recipe.prior.kind]
    zeros = zeros_of(recipe, image)
    return Sampler(G, theta_g, prior, backend, len(classes), zeros, recipe.completes)


def samples_of_run(
    path: Path,
    which: str,
    count: int,
    seed: int,
    averaged: bool = True,
    state: Mapping[str, Array] | None = None,
) -> tuple[Array, int]:
    """x (count, n) from a checkpoint of a run of any model, and its number of classes or 0.

    For a GAN these are G(z), with the arguments of `load_sampler`. Raises the same errors.
    """
    if trains_a_relative(path):
        return load_model(path, which, state).samples(count, seed), 0
    sampler = load_sampler(path, which, averaged=averaged, state=state)
    return sampler.samples(sampler.noise(count, seed)), sampler.classes


def sample(
    path: Path,
    count: int,
    seed: int,
    out: Path,
    which: str = "last",
    device: str = "cpu",
    only: str | None = None,
) -> Path:
    """Draw `count` samples from the run at `path` and write them to `out`; returns `out`.

    `out` ends in .png (one picture of all samples) or in .npy (an array (count, n) of float32). The
    noise of a GAN is the draw (seed, "noise/samples", 0). A conditional run draws all classes
    equally often, in order, or the class named `only`. Raises UserError if the arguments cannot be
    used, and OSError if `out` cannot be written.
    """
    number = None if only is None else class_number(path, only)
    suffix = out.suffix.lower()
    if suffix not in (".png", ".npy"):
        raise UserError(f"{out} must end in .png (a sheet) or .npy (an array)")
    if suffix == ".png" and count > LARGEST_SHEET:
        raise UserError(
            f"a sheet has at most {LARGEST_SHEET} samples, not {count}: use a .npy file"
        )
    if trains_a_relative(path):
        if device != "cpu":
            raise UserError(f"{path} has a model for the CPU only: use --device cpu, not {device}")
        samples, classes = samples_of_run(path, which, count, seed)
    else:
        sampler = load_sampler(path, which, device)
        samples, classes = sampler.samples(sampler.noise(count, seed, only=number)), sampler.classes
    if not np.isfinite(samples).all():
        raise UserError(f"the samples of {path} are not finite: use another checkpoint")
    with replacing(out) as file:
        if suffix == ".png":
            run = RunDirectory.open(path)
            data, contrast = run.read_environment()["data"], run.read_any_recipe().data.contrast
            known = data["set"] in points.SHAPES
            references = points.load(data["set"])[1].all() if known else None
            columns = None if only else pictures.class_columns(count, classes)
            picture = pictures.picture(
                samples, tuple(data["shape"]), references, columns, normalised=contrast > 0
            )
            if picture is None:
                raise UserError(
                    f"samples of {data['set']} cannot be drawn as a picture: use a .npy file"
                )
            file.write(pictures.png(picture))
        else:
            np.lib.format.write_array(file, samples, allow_pickle=False)
    return out


def class_number(path: Path, name: str) -> int:
    """The number of the class with this name in the run at `path`, or a UserError."""
    classes = RunDirectory.open(path).read_environment()["data"].get("classes", [])
    if not classes:
        raise UserError(
            f"{path} was trained without classes, so there is no class {name!r} to choose: leave "
            "out --class, or use the run of a conditional recipe such as digits-conditional"
        )
    if name not in classes:
        raise UserError(f"{path} has no class {name!r}: use one of {', '.join(classes)}")
    number: int = classes.index(name)
    return number
