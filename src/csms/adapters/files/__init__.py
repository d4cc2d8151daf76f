"""The file store on a local disk. Imports domain's port and kit."""
