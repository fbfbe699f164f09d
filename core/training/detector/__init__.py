"""Teaching the network that finds the cells in a field."""
