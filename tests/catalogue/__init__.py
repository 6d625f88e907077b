"""One test or more for every class of bad input, named by its number in the catalogue."""
