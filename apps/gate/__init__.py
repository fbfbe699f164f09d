"""What stands in front of the server: whose page asks, how much is sent, what answers tell."""
