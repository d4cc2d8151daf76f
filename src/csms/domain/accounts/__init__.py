"""Organisations, users and their rights, API keys, sign-in. Imports audit and kit."""
