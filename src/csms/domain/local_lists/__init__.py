"""Local authorization lists: who may charge where without asking us, and what stations hold of it. Imports commands and lower."""
