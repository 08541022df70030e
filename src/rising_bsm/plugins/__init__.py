"""What is installed here: whose signature counts, which plugins there are, what they may do, and how they go."""
