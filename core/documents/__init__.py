"""Uploaded material: metadata in the database, encrypted bytes behind a storage interface."""
