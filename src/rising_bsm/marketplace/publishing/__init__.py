"""Publishers, their keys, and what becomes of their approved versions."""
