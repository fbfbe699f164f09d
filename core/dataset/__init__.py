"""Where images come from: sources, the catalogue, splits, the pixel cache, the synthetic smear."""
