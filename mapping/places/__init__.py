"""Words become coordinates, and coordinates a ward."""
