"""Does it hold, and did it help: pure functions of frames and arrays."""
