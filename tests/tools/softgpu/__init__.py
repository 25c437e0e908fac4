"""A GPU made of software: what the tests of the CuPy backend run on where there is no GPU."""
