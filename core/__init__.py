"""Kaowu (考务): the yearly grade assessment of technical workers in public bodies, for a province and its offices."""

from importlib.metadata import version

__version__ = version("kaowu")
