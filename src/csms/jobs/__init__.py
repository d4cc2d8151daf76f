"""Background work: the schedule of time-outs and expiries.

Imports domain and kit.
"""
