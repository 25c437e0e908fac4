"""The built-in data set: 1,797 real handwritten digits, 8 x 8 pixels with values 0 to 16.

The digits are the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak;
UCI Machine Learning Repository; CC BY 4.0), in the file format of scikit-learn: 64 pixels and a
label per line. DIGITS.md in this folder contains the attribution. The split follows the order of
the file: training 0..1196, validation 1197..1496, test 1497..1796.
"""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np

from minigan.data.images import Images

SPLITS = {"train": slice(0, 1197), "validation": slice(1197, 1497), "test": slice(1497, 1797)}


def load(split: str) -> Images:
    """The digits of one split: "train", "validation" or "test". Raises KeyError for others."""
    file = resources.files("minigan.data") / "digits.csv.gz"
    text = gzip.decompress(file.read_bytes()).decode()
    table = np.loadtxt(text.splitlines(), delimiter=",", dtype=np.uint8)
    return Images(table[:, :64], table[:, 64], white=16, height=8, width=8)[SPLITS[split]]
