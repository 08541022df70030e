"""The pages of whoever runs the marketplace."""
