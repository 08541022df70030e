"""Small validators, one per file; each yields findings."""
