"""What stations report of their security, and how their passwords and security profiles change."""
