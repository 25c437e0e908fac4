"""The inference network E of a run: z given x, trained after G.

encoder.py      E and its training on fresh z
losses.py       what E descends: the error of z, or of the reconstruction
storage.py      E in a run folder, with the digest of its theta_g
"""
