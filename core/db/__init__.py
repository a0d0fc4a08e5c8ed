"""Where the data lie: the embedded server, the roles, the sessions."""
