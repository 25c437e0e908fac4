"""The sheet that a run of a completion recipe writes at each save: validation images completed.

The images, the masks and z are the same at every save, so an animation shows only what G learns.
"""

from __future__ import annotations

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.training.completion.masks import draw_masks
from minigan.training.experiment import Experiment
from minigan.training.pictures.completions import completion_sheet

PICTURES, COMPLETIONS = 10, 8


def sheet_of_completions(experiment: Experiment) -> Array:
    """The picture: the first validation images, with masks of the kinds of the recipe in turn."""
    data, kinds = experiment.data, experiment.recipe.data.masks
    height, width, channels = data.shape
    x = data.validation.gather(np.arange(min(PICTURES, len(data.validation))))
    masks = [
        draw_masks(draws.generator(0, "mask/sheet", i), 1, data.shape, [kinds[i % len(kinds)]])
        for i in range(len(x))
    ]
    s = np.concatenate(masks)
    completed = experiment.sampler.completions(x, s, COMPLETIONS, experiment.seed)
    return completion_sheet(x, s, completed, (height, width, channels))
