"""The names of the rows and columns of Table 2, for options and headings."""

from __future__ import annotations

ROWS = {
    "training": "Training",
    "inference": "Inference",
    "sampling": "Sampling",
    "evaluating": "Evaluating p(x)",
    "design": "Model design",
}
COLUMNS = {
    "directed": "deep directed models",
    "undirected": "deep undirected models",
    "autoencoders": "generative autoencoders",
    "adversarial": "adversarial models",
}
