"""Licences that are sold here: their keys, who uses them where, and what may be downloaded with them."""
