"""Who is in charge of a case, by which instrument, since when."""
