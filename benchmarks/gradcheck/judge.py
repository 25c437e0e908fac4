"""The verdict on a checker's result.

bugs             caught, missed, inconclusive; "no basis" if the checker rejects the right
                 backward function at the same points too; "no answer" after a crash or 60 s.
                 An exception for the bug, and none for the right function, is caught as well.
right gradients  passed, blamed, inconclusive, error, no answer

The diagnosis of a caught bug (minigan only) is right if no statement of it is false and no input
is blamed whose gradient is right. It is helpful if it also makes a statement that explains the bug.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import numpy as np
from corpus.operation import Bug, Case

OF_BUGS = ("caught", "missed", "inconclusive", "no basis", "no answer")
OF_RIGHT = ("passed", "blamed", "inconclusive", "error", "no answer")


def verdict(case: Case, result: dict[str, Any]) -> str:
    """One of OF_BUGS or OF_RIGHT."""
    outcome = str(result["outcome"])
    if not isinstance(case, Bug):
        return "blamed" if outcome == "failed" else outcome
    if outcome == "no answer":
        return outcome
    if result["control"] != "passed":
        return "no basis"
    return {"passed": "missed", "inconclusive": outcome}.get(outcome, "caught")


def diagnosis(bug: Bug, result: dict[str, Any]) -> str:
    """ "helpful", "right" (but not helpful), or what is false about the diagnosis."""
    text = result["diagnosis"]
    innocent = sorted(set(result["blamed"]) - set(wrong_inputs(bug)))
    if innocent and wrong_inputs(bug):
        return f"false: blames {', '.join(innocent)}"
    for claim in bug.false:
        if said := re.search(claim, text):
            return f"false: {said[0]}"
    explained = any(re.search(claim, text) for claim in bug.explains)
    return "helpful" if explained else "right"


def wrong_inputs(bug: Bug) -> list[str]:
    """The inputs whose gradients differ from the right ones, by more than rounding, anywhere."""
    assert bug.right is not None
    wrong: set[str] = set()
    for inputs in bug.inputs():
        y = np.asarray(bug.forward(*deepcopy(inputs)))
        dy = np.random.default_rng(99).normal(size=y.shape)
        names = bug.names(inputs)
        right = gradients(bug.right.backward(dy.copy(), *deepcopy(inputs)))
        try:
            found = gradients(bug.backward(dy.copy(), *deepcopy(inputs)))
        except Exception:
            return list(names)
        if len(found) != len(right):
            return list(names)
        wrong |= {n for n, a, b in zip(names, found, right, strict=True) if not equal(a, b)}
    return sorted(wrong)


def gradients(result: Any) -> tuple[Any, ...]:
    """The gradients as a tuple."""
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def equal(found: Any, right: Any) -> bool:
    """Same shape and dtype, and equal to 1e-12 of every entry and of 1e-13 of the largest."""
    a, b = np.asarray(found), np.asarray(right)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    allowed = 1e-12 * np.abs(b) + 1e-15 * np.max(np.abs(b), initial=0.0)
    return bool(np.all(np.abs(a - b) <= allowed))
