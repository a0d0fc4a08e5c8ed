"""The application form on paper (申报表): the edition that it prints, and what makes it out of date."""
