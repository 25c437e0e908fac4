"""The operating system: files written whole, memory, and what a result may depend on."""
