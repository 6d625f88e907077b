"""What leaves the building, and what is drawn inside it."""
