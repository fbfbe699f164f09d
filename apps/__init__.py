"""The front doors beside the dashboard, as thin as its pages."""
