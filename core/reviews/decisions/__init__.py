"""What a decision on a case rests on: its items, whether it may be made with others, and how it is taken back."""
