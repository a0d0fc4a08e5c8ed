"""The record by pages."""
