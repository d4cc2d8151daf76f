"""The database adapters: engine, recorder, migrations. Dialect differences live here only."""
