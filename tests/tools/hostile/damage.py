"""Damage for files: random bytes, JSON values of other types, other arrays, and hostile names.

of_bytes(rng, data)    bits flipped, bytes replaced, cut, extended, blocks moved, noise
of_json(rng, data)     one value of the text replaced, removed, or put under another name
of_lines(rng, data)    `of_json` in one line of JSON lines
of_arrays(rng, data)   one array of an .npz file replaced, removed or compressed
of_text(rng, data)     a line of a text removed, doubled, or with a hostile value
"""

from __future__ import annotations

import io
import json
import random
from typing import Any

import fuzz_idx
import numpy as np

BYTES = tuple(
    damage for damage in fuzz_idx.ANY if damage.__name__ not in ("swap_files", "pack_twice")
)
NAMES = (
    "my run", "it's", "a;b", "$(touch owned)", "-n", "\x1b[2J", "line\nbreak", "\u202eevil",
    "\udcff", "x" * 200, "%s{}", "*", "é漢",
)  # fmt: skip
RAW = (  # JSON texts, and what only some readers take for JSON
    "null", "true", "0", "-1", "1", "2.5", "1e999", "-1e999", "NaN", "Infinity", "9" * 25,
    "9" * 400, "-" + "9" * 400, "9" * 5000, '""', '"x"', '"\\u001b]0;owned\\u0007"', '"\\ud800"',
    '"a\\u0000b"', json.dumps("x" * 100_000), "[]", "{}", "[[]]", '["x"]', '[1,"2",null]',
    '{"x":1}',
    "[" * 50 + "]" * 50, '{"a":' * 900 + "1" + "}" * 900, "[" * 100_000,
)  # fmt: skip
MARK = "\ue000replaced\ue000"  # stands for a raw text while the rest is encoded


def of_bytes(rng: random.Random, data: bytes) -> bytes:
    """Random damage of the bytes."""
    return rng.choice(BYTES)(rng, data or b"x", b"")


def of_json(rng: random.Random, data: bytes) -> bytes:
    """One random value of a JSON text, at any depth, damaged; sometimes the bytes."""
    if rng.random() < 0.2:
        return of_bytes(rng, data)
    whole = [json.loads(data)]
    places = list(_places(whole))
    container, key = rng.choice(places)
    action = rng.choice(("replace", "replace", "replace", "remove", "rename", "repeat"))
    if action == "remove" and container is not whole:
        del container[key]
    elif action == "rename" and isinstance(container, dict):
        container[rng.choice(NAMES)] = container.pop(key)
    elif action == "repeat" and isinstance(container[key], list):
        container[key] = container[key] * rng.choice((2, 100))
    else:
        container[key] = MARK
    text = json.dumps(whole[0], ensure_ascii=False)
    raw = rng.choice(RAW)
    return text.replace(json.dumps(MARK, ensure_ascii=False), raw).encode("utf-8", "replace")


def of_lines(rng: random.Random, data: bytes) -> bytes:
    """One line of JSON lines damaged, the last one most often; sometimes a line repeated."""
    lines = data.splitlines()
    i = rng.choice((rng.randrange(len(lines)), len(lines) - 1))
    lines[i] = of_json(rng, lines[i])
    if rng.random() < 0.1:
        lines *= 50
    return b"\n".join(lines) + rng.choice((b"\n", b""))


def of_text(rng: random.Random, data: bytes) -> bytes:
    """One line of a text removed, doubled or with another value; sometimes the bytes."""
    if rng.random() < 0.3:
        return of_bytes(rng, data)
    lines = data.decode().splitlines()
    i = rng.randrange(len(lines))
    name = lines[i].partition("=")[0]
    hostile = rng.choice((*RAW[:-1], "[" * 400 + "]" * 400, "'\x1b[2J'", "nan", "inf", "0x10"))
    lines[i : i + 1] = rng.choice(([], [lines[i]] * 2, [f"{name} = {hostile}"], [f"x = {hostile}"]))
    return "\n".join(lines).encode("utf-8", "replace")


def of_arrays(rng: random.Random, data: bytes) -> bytes:
    """One array of an .npz file replaced, removed or added; sometimes compressed, or the bytes."""
    if rng.random() < 0.3:
        return of_bytes(rng, data)
    with np.load(io.BytesIO(data)) as found:
        arrays = dict(found)
    name = rng.choice(sorted(arrays))
    old = arrays.pop(name)
    if rng.random() < 0.85:
        arrays[name] = _other(rng, old)
    if rng.random() < 0.1:
        arrays[rng.choice([name for name in NAMES if name.isascii()])] = np.zeros(3)
    file = io.BytesIO()
    save = np.savez_compressed if rng.random() < 0.1 else np.savez
    save(file, **arrays)
    return file.getvalue()


def _other(rng: random.Random, old: np.ndarray) -> Any:
    """An array in place of another one: other numbers, shapes and dtypes."""
    changed = old.astype(rng.choice((np.float64, np.float32, np.float16, np.int64, np.uint8)))
    flat = changed.reshape(-1)
    if flat.size:
        with np.errstate(all="ignore"):
            values = np.array([np.nan, np.inf, -np.inf, 1e300, -1.0, 0.5, 2**62])
            flat[rng.randrange(flat.size)] = rng.choice(list(values.astype(flat.dtype)))
    return rng.choice((
        changed, changed, flat, flat[:-1], changed[None], np.array(flat[0] if flat.size else 0),
        np.empty(0), np.zeros((0, 5)), np.array("x"), np.array(["a", "b"]), np.array(b"\xff"),
        np.array(None), np.array([1, "x"], dtype=object), np.array(1j), np.array(True),
        np.array("2020-01-01", "M8[D]"), np.zeros(2, [("a", "i4")]), np.array(-1), np.array(np.nan),
        np.array(2**63, np.uint64), np.array([1, 2]), np.asfortranarray(np.zeros((3, 4))),
        old.astype(old.dtype.newbyteorder()), np.zeros(100_000, old.dtype),
    ))  # fmt: skip


def _places(container: Any) -> Any:
    """(container, key) of every value of a JSON value."""
    items = container.items() if isinstance(container, dict) else enumerate(container)
    for key, value in list(items):
        yield container, key
        if isinstance(value, dict | list):
            yield from _places(value)
