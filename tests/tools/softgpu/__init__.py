"""A GPU emulator: the tests of the CuPy backend use it on machines without a GPU."""
