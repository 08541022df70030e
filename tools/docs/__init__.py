"""Pages of docs/reference that are written from the program itself. `python -m tools.docs` writes them again."""
