"""Training configuration, the loop, and runs as processes of their own."""
