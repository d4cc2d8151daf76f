"""The people's door: one file a resource, router and schemas together.

Imports domain and kit.
"""
