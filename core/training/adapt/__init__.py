"""Fitting a bundle to a laboratory with a few labelled cells."""
