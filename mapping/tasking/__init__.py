"""Hotspots become proposals, decisions and actions: pure functions."""
