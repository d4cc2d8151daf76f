"""The stations' door: server, link, dispatch, presence, and a dialect for each OCPP version.

Imports ocpp, domain and kit.
"""
