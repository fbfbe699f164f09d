"""Accounts, roles, sign-in, lock-out and one-time tokens."""
