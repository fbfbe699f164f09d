"""Where in an image its cell lies: a small network that learnt from boxes of several sources."""
