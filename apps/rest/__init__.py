"""The REST interface, in parts that ``apps.api`` puts together."""
