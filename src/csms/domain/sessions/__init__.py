"""Charging sessions, readings, and what needs review. Imports commands and lower."""
