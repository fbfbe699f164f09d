"""Who may do what: accounts, sessions, one-time tokens."""
