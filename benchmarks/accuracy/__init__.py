"""How well each method foretells real events that it has not seen."""
