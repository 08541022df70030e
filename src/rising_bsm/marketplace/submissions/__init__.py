"""What publishers submit: uploaded, scanned, reviewed, decided about."""
