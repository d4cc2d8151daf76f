"""Locations, stations, evses, connectors, their status and presence, configuration, stored frames. Imports accounts, kit."""
