"""The card of a data set: its contents, pictures and text."""
