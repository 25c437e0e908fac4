"""The operating system: atomic file operations, memory size, and the software environment."""
