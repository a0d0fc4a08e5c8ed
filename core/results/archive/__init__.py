"""Packages for the archive (归档材料)."""
