"""What people who use a plugin say of it."""
