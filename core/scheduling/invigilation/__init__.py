"""Invigilators (监考人员): their register and the duty roster."""
