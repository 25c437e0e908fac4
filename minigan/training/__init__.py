"""From a recipe to a run folder, and on from there."""
