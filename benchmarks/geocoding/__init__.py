"""The labelled geocoding benchmark: what is measured and how is in README.md beside this file."""
