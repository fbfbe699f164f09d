"""From the best epoch to a bundle: export, calibration, card, reference cells."""
