"""placeholder of the lead: the file minigan/scatter.py will be moved here."""
import numpy as np


def scatter(samples, references): return np.zeros((256,256,3),np.uint8)
