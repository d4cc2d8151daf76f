"""Certificates of stations: requested, checked, issued, renewed, revoked; and those installed on stations."""
