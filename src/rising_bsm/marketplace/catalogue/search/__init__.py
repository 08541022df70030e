"""Finding plugins by words and facets, in an order, a page at a time; the same on both databases."""
