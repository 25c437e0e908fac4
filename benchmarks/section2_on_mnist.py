"""Numbers of section 2 on MNIST: the likelihood of a VAE, and adversarial examples of a classifier.

    python benchmarks/section2_on_mnist.py vae --data-dir DIR
    python benchmarks/section2_on_mnist.py adversarial --data-dir DIR

The script prints one line of JSON after each part of the training, with test images: the ELBO and
log p(x) of binary images in nats, or the share of wrong answers and their mean confidence.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from minigan.data import sets
from minigan.data.images import Images
from minigan.draws import generator
from minigan.layers import Layer, Linear, ReLU
from minigan.network import Network
from minigan.theory.relatives import adversarial, vae

EPSILON = 0.25
Z, HIDDEN = 200, (200, 200)
IMPORTANCE_IMAGES, IMPORTANCE_SAMPLES = 1000, 100


def relu_network(inputs: int, outputs: int) -> Network:
    """Two hidden ReLU layers of HIDDEN units; the activations keep their scale."""
    layers: list[Layer] = []
    n = inputs
    for units in HIDDEN:
        layers += [Linear(units, math.sqrt(6 / n)), ReLU()]
        n = units
    return Network(inputs, (*layers, Linear(outputs, math.sqrt(3 / n))))


def likelihoods(train: Images, test: Images, updates: int) -> Iterator[dict[str, float]]:
    """The ELBO and log p(x) of the test images, in nats, after a tenth of the updates and all."""
    n = test.all().shape[1]
    model = vae.VAE(relu_network(n, 2 * Z), relu_network(Z, n))
    rng = generator(0, "section 2/vae", 0)
    x = vae.binarised(test.all(), rng)
    eps = rng.standard_normal((len(x), Z), dtype=np.float32)
    for count in (updates // 10, updates):
        theta = vae.train_vae(model, train, count, seed=0)
        few = x[:IMPORTANCE_IMAGES]
        more = rng.standard_normal((IMPORTANCE_SAMPLES, len(few), Z), dtype=np.float32)
        log_p = vae.log_likelihood_by_importance(model, *theta, few, more)
        yield {
            "updates": count,
            "elbo": float(vae.elbo(model, *theta, x, eps)),
            "log_p": float(log_p.mean()),
        }


def fooled(train: Images, test: Images, updates: int) -> Iterator[dict[str, float]]:
    """Errors and confidence on test images, clean, with random signs and adversarial."""
    x, labels = test.all(), test.labels
    network = adversarial.maxout_classifier(x.shape[1], 10)
    signs = np.sign(generator(0, "section 2/signs", 0).random(x.shape) - 0.5).astype(np.float32)
    for count in (updates // 10, updates):
        theta = adversarial.train_maxout(network, train, count, seed=0)
        changed = adversarial.adversarial_examples(network, theta, x, labels, EPSILON)
        found: dict[str, float] = {"updates": count}
        rows = {"clean": x, "random": x + np.float32(EPSILON) * signs, "adversarial": changed}
        for name, one in rows.items():
            answers = adversarial.answers(network, theta, one, labels)
            found |= {
                f"{name}_error": answers.error,
                f"{name}_confidence_in_errors": answers.confidence_in_errors,
            }
        yield found


def main() -> None:
    """Print the lines of one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=("vae", "adversarial"))
    parser.add_argument("--data-dir", type=Path, help="the folder of MNIST")
    parser.add_argument("--updates", type=int, default=50_000, help="of the training")
    options = parser.parse_args()
    data, began = sets.load("mnist", options.data_dir), time.perf_counter()
    assert isinstance(data.train, Images)
    assert isinstance(data.test, Images)
    measure = likelihoods if options.what == "vae" else fooled
    for line in measure(data.train, data.test, options.updates):
        print(json.dumps(line | {"seconds": round(time.perf_counter() - began)}), flush=True)


if __name__ == "__main__":
    main()
