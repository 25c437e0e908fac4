"""Figure 1 as an interactive HTML page, drawn from recorded games."""
