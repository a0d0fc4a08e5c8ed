"""Training (培训) before the exam."""
