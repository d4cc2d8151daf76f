"""Who changed what, with before and after. Imports kit."""
