"""Which tests run on a fault; those that are most likely to fail run first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from kernel_faults.fault import KERNELS, Fault
from mutants.plan import mirror

ROOT = Path(__file__).resolve().parents[3]
PLANTED = Path(__file__).parent / "planted.toml"
EQUIVALENT = Path(__file__).parent / "equivalent.toml"
RESULT = ROOT / "docs" / "kernel-faults.md"
CUDA = "tests/backends/cuda/"
FUSED, BLOCKS = f"{CUDA}test_fused.py", f"{CUDA}test_blocks.py"
DRAWS, DEFERRED = f"{CUDA}test_device_draws.py", f"{CUDA}test_deferred.py"
LAYERS = f"{CUDA}test_device_layers.py"
LAUNCHER, BEYOND = f"{CUDA}test_launcher.py", f"{CUDA}test_beyond_32_bits.py"
CUPY, WHOLE = "tests/backends/test_cupy.py", f"{CUDA}test_whole_training.py"
FILES = (FUSED, BLOCKS, LAYERS, DRAWS, DEFERRED, LAUNCHER, CUPY, BEYOND, WHOLE)

# The tests that launch a kernel, as a pattern; for a function of several kernels, the fastest ones.
TESTS_OF_KERNEL = {
    "constants": r"bits_of_the_layers\[relu\]|a_logit_is|value_and_its",
    "relu": r"bits_of_the_layers\[relu\]|extreme_numbers",
    "sigma": r"a_sigmoid_is|extreme_numbers|value_and_its",
    "softplus": r"value_and_its|loss_of_G",
    "dropped": r"leaves_the_bits_of_the_layers\[(dropout|relu)",
    "bias": r"bits_of_the_layers\[bias\]",
    "bias_relu": r"forward_leaves.*\[relu|extreme_numbers.*relu",
    "bias_sigmoid": r"a_sigmoid|extreme_numbers.*sigmoid",
    "bias_maxout": r"forward_leaves.*\[maxout|extreme_numbers.*maxout",
    "dropout": r"bits_of_the_layers\[dropout\]",
    "add_up": r"backward_leaves.*\[(bias|relu)\]|a_logit_is",
    "bias_backward": r"backward_leaves.*\[bias\]",
    "relu_backward": r"backward_leaves.*\[relu",
    "sigmoid_backward": r"a_sigmoid",
    "maxout_backward": r"backward_leaves.*\[maxout",
    "maxout_tangent": r"maxout_alone",
    "logit": r"a_logit_is",
    "logit_backward": r"a_logit_is",
    "unfold": r"P_has",
    "place_of": r"fold_has|pooling_is",
    "fold": r"fold_has",
    "pool": r"pooling_is|nan_is",
    "pool_backward": r"pooling",
    "sum_of_block": r"value_and_its|loss_of_G",
    "value_with_gradient": r"value_and_its",
    "loss_with_gradient": r"loss_of_G",
    "descend": r"descent_has",
    "philox": r"uniform_noise_has|masks_have",
    "uniform_noise": r"uniform_noise_has",
    "masks": r"masks_have",
    "gather": r"minibatches_have",
}
# The kernels whose tests are not in FUSED.
OTHER_TESTS = {
    DRAWS: ("philox", "uniform_noise", "masks", "gather"),
    LAYERS: ("unfold", "place_of", "fold", "pool", "pool_backward", "maxout_tangent"),
}
# The tests of how an iteration is launched.
LAUNCHES = "has_these_launches|examined"


def stages(fault: Fault) -> list[tuple[tuple[str, ...], str]]:
    """Test files and a pattern for the names of their tests, one stage after another.

    A test that ran in one stage does not run again in the next.
    """
    if fault.name.file != KERNELS:
        return [((mirror(fault.name.file),), ""), ((WHOLE,), LAUNCHES), (FILES, "")]
    name = fault.name.function
    first = next((file for file, names in OTHER_TESTS.items() if name in names), FUSED)
    files = (FUSED, LAYERS, DRAWS)
    return [((first,), TESTS_OF_KERNEL[name]), ((BEYOND,), ""), (files, "")]


def matches(pattern: str, name: str) -> bool:
    """Whether a test of that name runs in a stage with this pattern."""
    return re.search(pattern, name) is not None


def snapshot(folder: Path) -> Path:
    """A copy of the package and its tests: edits during the run do not change the run."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("minigan", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder
