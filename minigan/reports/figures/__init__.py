"""The figures of the paper, drawn from games that were really played."""
