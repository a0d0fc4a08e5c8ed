"""Assignment (分派) of an office's cases to its reviewers: by rule or by hand, and the workload of each."""
