"""Questions to an office (咨询) and their answers."""
