"""Changes to an iteration that were tried, each alone: what it gives decides whether it stays.

A lever takes the code as it stands and changes one thing, for the time of an iteration; most cost
some clarity, which is why they stand here and not in `minigan/`.
"""
