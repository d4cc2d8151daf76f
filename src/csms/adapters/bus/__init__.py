"""Buses: in memory for one process."""
