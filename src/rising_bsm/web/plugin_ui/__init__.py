"""What plugins show on pages: regions that load after the page, drawn by the host."""
