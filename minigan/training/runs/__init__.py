"""The files of a run folder: directory, checkpoint, logs and pretrained generators."""
