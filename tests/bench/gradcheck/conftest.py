"""The modules of benchmarks/gradcheck can be imported by their names."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "benchmarks" / "gradcheck"))
