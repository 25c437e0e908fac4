"""What a run leaves on the disk, file by file."""
