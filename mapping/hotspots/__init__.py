"""Incidents become hotspots: pure functions of frames and arrays."""
