"""The operations of NumPy and SciPy that are holomorphic, by name.

    f(x + ih) = f(x) + ih f'(x) + O(h^2)

All other operations count as not holomorphic. The operations that choose between values - maxima,
sorting, comparisons - are holomorphic on the chosen branch; two equal values may lie on a kink.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


BETWEEN_TWO = words(  # a tie: two equal values
    "maximum minimum fmax fmin greater greater_equal less less_equal equal not_equal clip"
)
ORDERED = words("max min amax amin sort argsort argmax argmin argpartition")  # a tie: equal entries
TRUTH = words(  # a tie: a value equal to 0
    "logical_and logical_or logical_not logical_xor any all nonzero count_nonzero flatnonzero"
)
UFUNCS = words(
    "add subtract multiply divide true_divide negative positive power float_power square sqrt "
    "reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin arccos "
    "arctan arcsinh arccosh arctanh matmul maximum minimum fmax fmin "
    "erf erfc erfcx erfi wofz gamma loggamma rgamma psi digamma"
)
FUNCTIONS = words(
    "sum mean average prod cumsum cumprod dot matmul einsum tensordot inner outer kron trace "
    "transpose permute_dims matrix_transpose reshape ravel concatenate concat stack unstack hstack "
    "vstack dstack column_stack split array_split hsplit vsplit where take take_along_axis repeat "
    "tile roll flip fliplr flipud rot90 squeeze expand_dims swapaxes moveaxis rollaxis "
    "broadcast_to broadcast_arrays pad diag diagonal diagflat tril triu full_like copy atleast_1d "
    "atleast_2d atleast_3d max min amax amin sort clip diff sliding_window_view convolve cross "
    "solve inv det matrix_power multi_dot polyval compress extract choose select resize "
    "append insert delete trapezoid put_along_axis fill_diagonal copyto astype real imag "
    "fft ifft fft2 ifft2 fftn ifftn fftshift ifftshift"
)
CONSTANT = words("zeros_like ones_like empty_like")  # the result does not depend on the numbers
TYPE_TESTS = words("iscomplexobj isrealobj iscomplex isreal")  # forward may branch on the type
METHODS = words(
    "sum mean prod cumsum cumprod dot trace transpose reshape ravel flatten squeeze swapaxes copy "
    "take repeat max min clip diagonal compress fill sort astype"
)
OTHER_METHODS = words("argmax argmin argsort any all nonzero var std round conj conjugate")
CREATION = words("empty zeros ones full empty_like zeros_like ones_like full_like asarray")
