"""What stands around every page: guard, sign-in, cookie, layout, sidebar."""
