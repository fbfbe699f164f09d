"""Finds the cells in a microscope field: boxes with kind and score, at one physical scale."""
