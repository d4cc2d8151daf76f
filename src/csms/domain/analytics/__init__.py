"""Figures over time, kept by reactions to facts. Imports sessions and lower."""
