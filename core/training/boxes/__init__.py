"""Images in which people drew boxes around cells, of several laboratories."""
