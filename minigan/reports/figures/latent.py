"""What G does with z: a sweep of single coordinates for images, a map of z for points."""

from __future__ import annotations

from pathlib import Path

from minigan.data import points
from minigan.errors import UserError
from minigan.reports.figures import latent_map, latent_sweep
from minigan.reports.figures.latent_map import LatentMap
from minigan.reports.figures.latent_sweep import Sweep
from minigan.system.files import replacing
from minigan.training import pictures, sampling
from minigan.training.runs.directory import RunDirectory


def draw(out: Path, source: Path, which: str = "last", seed: int = 0) -> Sweep | LatentMap:
    """Writes the picture of the G of the run at `source` to `out`, a .png file.

    which: the checkpoint, as in `sampling.load_sampler`. Raises UserError for another suffix, for a
    run on points whose modes are not known, and where the run or the checkpoint cannot be used.
    """
    if out.suffix.lower() != ".png":
        raise UserError(f"{out} must end in .png")
    run = RunDirectory.open(source)
    data = run.read_environment()["data"]
    of_points = len(data["shape"]) == 1
    if of_points and data["set"] not in points.SHAPES:
        raise UserError(
            f"{source} was trained on {data['set']}, whose modes are not known: the map of z needs "
            f"a run on {' or '.join(points.SHAPES)}, or on images"
        )
    sampler = sampling.load_sampler(source, which)
    if sampler.classes:
        raise UserError(f"{source} is a conditional run: this picture needs a G without classes")
    if sampler.zeros:
        raise UserError(
            f"the G of {source} has further inputs beside z: this picture needs a run without "
            "data.masks and discriminator.instance_noise"
        )
    result: Sweep | LatentMap
    with replacing(out) as file:
        if of_points:
            picture, result = latent_map.draw(sampler, points.SHAPES[data["set"]](), seed)
        else:
            height, width, channels = data["shape"]
            normalised = run.read_recipe().data.contrast > 0
            picture, result = latent_sweep.draw(
                sampler, (height, width, channels), seed, normalised
            )
        file.write(pictures.png(picture))
    return result
