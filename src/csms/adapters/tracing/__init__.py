"""Traces for OpenTelemetry; imported only when they are wanted. May import domain tables, kit."""
