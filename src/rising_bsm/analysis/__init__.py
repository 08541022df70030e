"""What is looked for in a plugin before anybody trusts it: the same for its author and for the marketplace."""
