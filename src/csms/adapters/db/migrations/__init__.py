"""The one migration tree, for every database."""
