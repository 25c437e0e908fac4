"""The Parzen score of a run or of external samples, with baselines and warnings.

source      the samples of a run or of a file, with a description of their origin
scoring     the score of samples by the paper's protocol
result      the score with its baselines, as text and as JSON, and its warnings
"""

from minigan.reports.likelihood.result import Estimate
from minigan.reports.likelihood.scoring import estimate
from minigan.reports.likelihood.source import Source, of_file, of_run

__all__ = ["Estimate", "Source", "estimate", "of_file", "of_run"]
