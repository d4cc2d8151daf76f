"""What becomes of facts: which reactions are done, which fail and wait, and who works on them. Imports audit and kit."""
