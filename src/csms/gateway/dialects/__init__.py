"""Wire versions end here: one folder an OCPP version, translating to and from the domain's words."""
