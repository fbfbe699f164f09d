"""Cases as rows: what they hold, read whole, and what is added to them."""
