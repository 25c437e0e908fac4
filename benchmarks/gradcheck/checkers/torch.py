"""torch.autograd.gradcheck (slow mode) of a torch.autograd.Function that calls the NumPy code."""

from __future__ import annotations

import numpy as np
import torch
from corpus.operation import Case
from torch.autograd.gradcheck import GradcheckError, gradcheck

from checkers.result import FloatingCase, Result, at_every_point, exception_text

VERSION = f"torch {torch.__version__}"
torch.set_num_threads(1)


def check(case: Case) -> Result:
    """gradcheck at every point."""
    return at_every_point(case, at_point)


def at_point(at: FloatingCase) -> Result:
    """gradcheck at one point."""

    class Operation(torch.autograd.Function):
        """y = forward(x_1, ..., x_n), with the hand-written backward."""

        @staticmethod
        def forward(context, *tensors):
            context.save_for_backward(*tensors)
            return torch.from_numpy(at.forward(*(x.detach().numpy() for x in tensors)))

        @staticmethod
        def backward(context, dy):
            arrays = (x.detach().numpy() for x in context.saved_tensors)
            found = at.backward(dy.numpy(), *arrays)
            return tuple(
                None if g is None else torch.from_numpy(np.array(g, order="C")) for g in found
            )

    tensors = tuple(torch.from_numpy(x).requires_grad_() for x in at.floating)
    try:
        gradcheck(Operation.apply, tensors)
    except GradcheckError as error:
        return Result("failed", str(error))
    except Exception as error:
        return Result("error", exception_text(error))
    return Result("passed")
