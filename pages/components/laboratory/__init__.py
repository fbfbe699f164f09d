"""Parts of the page that sets up a laboratory."""
