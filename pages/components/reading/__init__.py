"""One reading, large: image, evidence and verdict; the same on every page."""
