"""Connection attempts that failed, what is wrong with them in plain words, and what to set in the station."""
