"""The card of a data set: its contents, images and text."""
