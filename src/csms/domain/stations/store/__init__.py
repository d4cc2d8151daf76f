"""Every query on locations, stations, the inbox, stored frames and facts. Private to the domain."""
