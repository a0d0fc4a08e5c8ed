"""A year's assessment: grades, trades, the frame and each office's calendar."""
