"""The front page: what somebody sees before and after signing in."""
