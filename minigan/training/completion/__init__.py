"""The completion game, all p(missing | observed): masks, rows and networks (section 7)."""
