"""The operators' resources under /api/v1: one file a resource, router and schemas together."""
