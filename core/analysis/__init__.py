"""From untrusted bytes to a prediction."""
