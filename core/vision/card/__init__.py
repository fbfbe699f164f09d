"""The card of a bundle: its contents, figures and text."""
