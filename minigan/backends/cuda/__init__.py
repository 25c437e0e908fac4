"""CUDA kernels for an NVIDIA GPU, and the classes that launch them."""
