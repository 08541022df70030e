"""Events on their way to plugins: written down with the deed, delivered at least once, beside the requests."""
