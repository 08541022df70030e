"""What comes from a marketplace: finding, acquiring, updating, and being told that something is not good any more."""
