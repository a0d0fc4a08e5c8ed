"""Keys, ciphers and signatures: what is sealed, and what is signed."""
