"""The account behind a request: cookies, sessions, tokens, and protection of forms."""
