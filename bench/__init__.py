"""What the sandbox costs: medians and p99, measured interleaved in one run. Run by `make bench`."""
