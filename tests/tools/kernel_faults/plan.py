"""Which tests watch over a fault, the most likely to notice it first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from kernel_faults.fault import KERNELS, Fault

ROOT = Path(__file__).resolve().parents[3]
PLANTED = Path(__file__).parent / "planted.toml"
EQUIVALENT = Path(__file__).parent / "equivalent.toml"
RESULT = ROOT / "docs" / "kernel-faults.md"
FUSED, RESIDENT = "tests/backends/cuda/test_fused.py", "tests/backends/cuda/test_device_draws.py"
LATE, LAUNCHER = "tests/backends/cuda/test_deferred.py", "tests/backends/cuda/test_launcher.py"
CUPY, WHOLE = "tests/backends/test_cupy.py", "tests/backends/cuda/test_whole_training.py"
BEYOND = "tests/backends/cuda/test_beyond_32_bits.py"
FILES = (FUSED, RESIDENT, LATE, LAUNCHER, CUPY, BEYOND, WHOLE)

# Where a kernel is launched, as names of tests; a function of several kernels has the quickest.
WATCHES = {
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
    "logit": r"a_logit_is",
    "logit_backward": r"a_logit_is",
    "sum_of_block": r"value_and_its|loss_of_G",
    "value_with_gradient": r"value_and_its",
    "loss_with_gradient": r"loss_of_G",
    "descend": r"descent_has",
    "philox": r"uniform_noise_has|masks_have",
    "uniform_noise": r"uniform_noise_has",
    "masks": r"masks_have",
    "gather": r"minibatches_have",
}
# For the host's side: the tests of its file, and how an iteration is launched, before all others.
OTHERS = {
    "minigan/backends/cuda/fused.py": FUSED,
    "minigan/backends/cuda/device_draws.py": RESIDENT,
    "minigan/backends/cuda/deferred.py": LATE,
    "minigan/backends/cuda/launcher.py": LAUNCHER,
    "minigan/backends/cupy.py": CUPY,
}


def stages(fault: Fault) -> list[tuple[tuple[str, ...], str]]:
    """Files of tests, and a pattern of the names of those that are asked, one stage after another.

    A test that was asked in one stage is not asked again in the next.
    """
    if fault.name.file != KERNELS:
        file = fault.name.file
        own = OTHERS.get(file, f"tests/test_{Path(file).name}")
        return [((own,), ""), ((WHOLE,), "has_these_launches|looked_at"), (FILES, "")]
    drawn = fault.name.function in ("philox", "uniform_noise", "masks", "gather")
    first = RESIDENT if drawn else FUSED
    return [((first,), WATCHES[fault.name.function]), ((BEYOND,), ""), ((FUSED, RESIDENT), "")]


def asked(pattern: str, name: str) -> bool:
    """Whether a test of that name is asked."""
    return re.search(pattern, name) is not None


def snapshot(folder: Path) -> Path:
    """A copy of the package and its tests: edits during the run do not change the run."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("minigan", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder
