"""What is true about charging, one folder a module.

Imports kit and lower modules only: no web, no wire, no vendor.
"""
