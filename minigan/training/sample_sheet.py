"""The sample sheet of an experiment: what the model generates from a fixed z.

of images       100 of them; in a conditional run, as many of each class
of points       1,000 of them, on the validation examples
completions     of held-out images, if G completes pictures
"""

from __future__ import annotations

from minigan.arrays import Array
from minigan.training import pictures
from minigan.training.completion.sheet import sheet_of_completions
from minigan.training.experiment import Experiment
from minigan.training.relatives.experiment import AnyExperiment

IMAGES_PER_SHEET, POINTS_PER_PICTURE = 100, 1000


def sheet_of(experiment: AnyExperiment) -> Array | None:
    """The picture of the current state; None if `pictures.picture` has none for the data."""
    images = len(experiment.data.shape) == 3
    if isinstance(experiment, Experiment) and experiment.recipe.completes and images:
        return sheet_of_completions(experiment)
    data = experiment.data
    count, classes = POINTS_PER_PICTURE, len(experiment.classes or ())
    if images:
        count = max(IMAGES_PER_SHEET // classes, 1) * classes if classes else IMAGES_PER_SHEET
    samples = experiment.samples(count)
    references = None if images else data.validation.all()
    contrast = experiment.recipe.data.contrast
    columns = pictures.class_columns(count, classes)
    return pictures.picture(samples, data.shape, references, columns, normalised=contrast > 0)
