"""What the game is played on: real images, densities known exactly, and noise."""
