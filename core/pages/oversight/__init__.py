"""The season's work, the board and supervised cases by pages."""
