"""Charging profiles: the catalogue, what stations hold of it, composite schedules. Imports commands and lower."""
