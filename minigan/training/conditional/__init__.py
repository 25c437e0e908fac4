"""The conditional game, p(x | c): its rows [x, c] and [z, c], and its networks (section 7)."""
