"""Kernels for an NVIDIA GPU, and what hands them over."""
