"""Heads that read morphological attributes, added to a bundle."""
