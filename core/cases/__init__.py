"""The case: the cells of one smear, counted into a differential."""
