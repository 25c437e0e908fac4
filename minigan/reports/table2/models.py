"""The models of Table 2, trained on the built-in digits when the first cell needs them.

    VAE    2 coordinates of z, so that log p(x) is an integral over a plane
    RBM    16 hidden units, so that log Z is a sum over 2^16 states
    DBM    two layers of hidden units: the weights of a DBN, read as a deep Boltzmann machine
    GSN    two hidden layers, trained by walk-back
    GAN    the recipe digits

The statistic of the chains is the projection on the first principal component of the digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.backends import open_backend
from minigan.data import digits
from minigan.data.images import Images
from minigan.evaluation.classifier import Classifier, train_classifier
from minigan.evaluation.principal import principal_components
from minigan.parameters import Parameters
from minigan.theory.relatives.dbn import DBN, train_dbn
from minigan.theory.relatives.gsn import GSN, train_gsn
from minigan.theory.relatives.vae import VAE, binarised, train_vae, vae_of
from minigan.training import recipes
from minigan.training.experiment import Experiment
from minigan.training.sampler import Sampler

PIXELS = 64
MODELS: dict[str, dict[str, Any]] = {
    "none": {},
    "VAE": {"z": 2, "hidden": 64, "updates": 1500},
    "RBM": {"hidden": [16], "updates": 2000, "rate": 0.05, "k": 1},
    "DBM": {"hidden": [16, 8], "updates": 1000, "rate": 0.05, "k": 1},
    "GSN": {"hidden": [100, 100], "noise": 1.0, "salt": 0.2, "updates": 600, "rate": 1.0},
    "GAN": {"recipe": "digits", "iterations": 1500},
}


@dataclass(frozen=True)
class Models:
    """The models of one seed."""

    seed: int

    @cached_property
    def train(self) -> Images:
        """The training digits."""
        return digits.load("train")

    @cached_property
    def test(self) -> Images:
        """The test digits."""
        return digits.load("test")

    def binary(self, images: Images) -> Array:
        """The images as binary rows, drawn once."""
        return binarised(images.all(), draws.generator(self.seed, "table 2/binary", 0))

    @cached_property
    def direction(self) -> Array:
        """The first principal component (PIXELS,) of the training digits."""
        return principal_components(self.train.all().astype(np.float64), 1)[:, 0]

    @cached_property
    def classifier(self) -> Classifier:
        """A classifier of digits."""
        return train_classifier(self.train, self.test)

    @cached_property
    def vae(self) -> tuple[VAE, Parameters, Parameters]:
        """The VAE, theta_e and theta_g."""
        setting = MODELS["VAE"]
        vae = vae_of(PIXELS, setting["z"], setting["hidden"])
        return vae, *train_vae(vae, self.train, setting["updates"], self.seed)

    @cached_property
    def rbm(self) -> Parameters:
        """theta of the RBM, in float64."""
        return _in_float64(self._dbn("RBM").thetas[0])

    @cached_property
    def dbm(self) -> tuple[Parameters, Parameters]:
        """The parameters of the lower and of the upper layer of the DBM, in float64."""
        lower, upper = self._dbn("DBM").thetas
        return _in_float64(lower), _in_float64(upper)

    def _dbn(self, name: str) -> DBN:
        setting = MODELS[name]
        sizes, updates, rate = setting["hidden"], setting["updates"], setting["rate"]
        return train_dbn(self.train, sizes, updates, rate, self.seed, k=setting["k"])

    @cached_property
    def gsn(self) -> tuple[GSN, Parameters]:
        """The GSN and its theta."""
        return self.gsn_with_salt(MODELS["GSN"]["salt"])

    def gsn_with_salt(self, salt: float) -> tuple[GSN, Parameters]:
        """A GSN that is trained with another share of changed pixels, and its theta."""
        setting = MODELS["GSN"]
        first, second = setting["hidden"]
        gsn = GSN(PIXELS, (first, second), setting["noise"], salt)
        return gsn, train_gsn(gsn, self.train, setting["updates"], setting["rate"], self.seed)

    @cached_property
    def gan(self) -> Sampler:
        """The sampler of the trained GAN."""
        recipe = recipes.load(MODELS["GAN"]["recipe"], [])
        experiment = Experiment.begin(recipe, self.seed, open_backend("cpu"))
        for t in range(MODELS["GAN"]["iterations"]):
            experiment.iterate(t)
        return experiment.sampler


def _in_float64(theta: Parameters) -> Parameters:
    return Parameters(theta.shapes, theta.vector.astype(np.float64))
