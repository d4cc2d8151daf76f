"""Buses: in memory for one process, NATS for many."""
