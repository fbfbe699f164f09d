"""Results that keep their sample ids, and the metrics computed from them."""
