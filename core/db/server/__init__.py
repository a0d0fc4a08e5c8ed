"""The PostgreSQL that comes with Kaowu: started, watched and stopped as an account without privileges."""
