"""Licences: keys, signed files, their states in time, and who may open what was encrypted. Pure."""
