"""The licences that this instance holds: activated, renewed by heartbeats, and asked about before a plugin runs."""
