"""Instructions to stations: pending, sent, accepted, rejected, failed or expired. Imports authorization and lower."""
