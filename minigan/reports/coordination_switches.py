"""The switches of the authors' code that coordinate D and G, and the priors of z, as settings.

Each switch changes these settings of a recipe; the first one changes nothing.
"""

from __future__ import annotations

TASK_NAMES = ("ring", "digits")
SWITCHES: dict[str, tuple[str, ...]] = {
    "recipe": (),
    "two D steps": ("training.k=2",),
    "two G steps": ("training.g_steps=2",),
    "simultaneous": ("training.schedule=simultaneous",),
    "G where D < 1/2": ("generator.margin=0",),
    "lazy": ("generator.margin=0.1", "discriminator.margin=0.1"),
    "noise 0.1": ("discriminator.instance_noise=0.1",),
    "rate of D x 2": ("discriminator.rate_factor=2",),
    "rate of D / 2": ("discriminator.rate_factor=0.5",),
    "z uniform": ("prior.kind=uniform",),
    "z gaussian": ("prior.kind=gaussian",),
    "z spherical": ("prior.kind=spherical",),
    "z of size 2": ("prior.size=2",),
    "z of size 100": ("prior.size=100",),
}
