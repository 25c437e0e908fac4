"""Ablations: changes to an iteration, each tested alone to measure its effect on the time.

An ablation changes one thing in the code of an iteration while the iteration runs. Most ablations
make the code less clear. For that reason they are here and not in `minigan/`.
"""
