"""The text of `minigan info`: what this machine has, and how to get what is missing."""

from __future__ import annotations

from pathlib import Path

from minigan.backends import open_backend
from minigan.data.catalogue import CATALOGUE
from minigan.data.paths import location_text
from minigan.errors import UserError
from minigan.system.environment import blas_text, environment, version_of
from minigan.system.install import install_command
from minigan.training import recipes


def information(data_dir: Path | None = None) -> str:
    """One line per fact about this machine, with the command that gets what is missing."""
    facts = environment()
    try:
        cuda = open_backend("cuda").name
    except UserError as error:
        cuda = f"not available: {error}"
    lines = {
        "minigan": facts["minigan"],
        "python": facts["python"],
        "numpy": facts["numpy"],
        "blas": blas_text(facts["blas"]),
        "processor": f"{facts['processor']} ({facts['processors']} cores)",
        "system": facts["system"],
        "device cpu": "available",
        "device cuda": cuda,
        "recipes": ", ".join(recipes.names()),
        **{f"data {name}": location_text(one, data_dir) for name, one in CATALOGUE.items()},
        "tensorboard": version_of("tensorboardX") or f"missing: {install_command('tensorboard')}",
    }
    return "\n".join(f"{name:18} {value}" for name, value in lines.items())
