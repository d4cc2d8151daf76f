"""Reservations: places kept for an id token until a time. Imports commands and lower."""
