"""Networks by name, preprocessing, the model bundle and the runtimes that execute it."""
