"""Configuration templates: what stations' keys should be, where they drift, and bringing them back. Imports commands and lower."""
