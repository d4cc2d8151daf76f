"""Certificates at rest: our certificate authority, the server's own certificates, and TLS contexts made of them."""
