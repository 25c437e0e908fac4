"""Data sets: images, and points from densities with a known formula."""
