"""The OCPP protocol, sans-IO: frames, calls and answers, validation, errors; one folder a version.

Imports nothing of ours, no asyncio, no clock, no socket. Shared by gateway and simulator.
"""
