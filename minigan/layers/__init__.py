"""The layers: one file each, its derivation at the top, its pure functions below.

    linear   y = x W + b            the only layer with parameters
    relu     y = max(0, x)
    sigmoid  y = 1 / (1 + e^-x)
    maxout   y = max over pieces of x
    dropout  y = x * mask / keep

Each file has `forward` and `backward_input`; linear has `backward_params` too. Inputs are
positional and only read; outputs are keyword-only: `out=buffer` writes there, without it the
function allocates. All work in float32, float64 and complex128, and return the dtype that they
were given.
"""
