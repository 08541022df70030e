"""What each address does: a file per noun, its router last."""
