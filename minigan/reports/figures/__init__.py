"""The figures of the paper, and other figures, drawn from trained models."""
