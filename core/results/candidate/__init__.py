"""Results as the candidate and the candidate's unit see them."""
