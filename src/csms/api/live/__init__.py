"""Live data as server-sent events: a snapshot, then what changed. Imports the operators' views of stations, domain and kit."""
