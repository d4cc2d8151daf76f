"""Charging stations that talk OCPP 1.6J to us, or to any CSMS.

Imports ocpp only.
"""
