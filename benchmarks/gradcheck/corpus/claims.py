"""Statements that a diagnosis can make about a wrong gradient, as regular expressions.

A bug lists the statements that are helpful for it. Any other statement of CLAIMS is a false
diagnosis of this bug, unless the bug lists it as also true.
"""

SIGN = r"wrong sign|negative of|opposite sign"
FACTOR = r"\bfactor\b(?! (for|of) each)"
SIZE = r"perhaps a (sum|mean) where"  # a factor that is a length, such as the batch
ORDER = r"wrong order|(is|equals) the gradient of"
TRANSPOSED = r"\btransposed\b"
JACOBIAN = r"J dy instead of J\^T dy"
FLIPPED = r"flip|revers"
SHIFTED = r"shift|roll|off by one|offset by"
MASK = r"\bmask\b"
MISSING_SUM = r"missing sum|not summed"
SHAPE = r"shape"
ZERO = r"analytic gradient is (zero|0 everywhere)|all zero"
NO_GRADIENT = r"None|no gradient|not differentiated"
DY = r"ignores? dy|dy (is )?ignored|linear in dy|another dy|depends? on dy"
DTYPE = r"dtype|float32|float16|of complex|int64"
PRECISION = r"precision|rounded|float16|float32"
OVERWRITES = r"overwrit"
NONDETERMINISTIC = r"nondeterministic|two equal calls|second call|calls? differ|state"
LAYOUT = r"Fortran|memory order|memory layout|contiguous"
NAN = r"NaN|Inf\b"
COUNT = r"returns \d gradients? for|number of gradients"

CONSTANT = r"constant along|constant difference|same along|additive|plus a constant"
PLACES = r"wrong at|only at|wrong (only )?in|of axis \d|axis \d at|entry \(|border|edge|corner"
PER_ROW = r"factor (per|along|that depends|(for|of) each)|per (row|column)|along axis"
SMALL = r"small|close|tiny|relative|1\.0000"
TERM = r"\bterms?\b|analytic - numeric is|analytic = numeric [-+] "
BROADCAST = r"summed|superfluous sum|same value|mean of|constant along|sum over"

CLAIMS = (
    SIGN,
    FACTOR,
    SIZE,
    ORDER,
    TRANSPOSED,
    JACOBIAN,
    FLIPPED,
    SHIFTED,
    MASK,
    MISSING_SUM,
    ZERO,
    NO_GRADIENT,
    DY,
    DTYPE,
    OVERWRITES,
    NONDETERMINISTIC,
    LAYOUT,
    NAN,
    COUNT,
)
