"""The loop and what it works on: data, optimisation, checkpoints, events."""
