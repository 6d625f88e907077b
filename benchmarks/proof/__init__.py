"""What the map promises, tried on towns where the truth is known."""
