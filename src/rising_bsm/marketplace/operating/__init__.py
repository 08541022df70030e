"""What whoever runs the marketplace wants to see: numbers, what waits, who publishes."""
