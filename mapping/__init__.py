"""The work, without a web server: usable from a notebook or the command line."""
