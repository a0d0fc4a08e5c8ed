"""An application by pages: of the applicant, and of a unit on behalf of its people."""
