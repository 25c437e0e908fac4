"""Table 1 done again: a record of each finished run, and the tables made of the records."""
