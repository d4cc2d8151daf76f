"""What people do with locations and stations, a file a subject. Imports this module's store, accounts, audit and kit."""
