"""How good are the samples? Numbers that a sample sheet cannot give."""
