"""What there is on the marketplace: publishers, their keys, plugins and their versions."""
