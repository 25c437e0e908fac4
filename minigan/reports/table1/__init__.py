"""Reproduction of Table 1: a record for each run, and the tables generated from the records."""
