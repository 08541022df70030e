"""The bytes that the marketplace hands out, named by their digest."""
