"""Evaluation of samples: arrays in, numbers out."""
