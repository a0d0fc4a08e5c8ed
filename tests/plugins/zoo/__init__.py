"""Plugins that are broken, each in one way, and a steady one to stand beside them."""
