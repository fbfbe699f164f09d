"""Teaches the network that finds the cell in an image."""
