"""Cases of sanctions by pages."""
