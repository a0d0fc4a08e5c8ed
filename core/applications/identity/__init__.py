"""Corrections of an applicant's name or identity number, and the applications that follow them."""
