"""Patrols (巡视) of exam sites and training places: planned, made, and what was found is put in order."""
