"""The day of on-site confirmation: appointments of units, calling them up, receiving and giving back in bulk."""
