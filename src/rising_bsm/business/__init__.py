"""The business itself: customers."""
