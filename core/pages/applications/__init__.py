"""An application by pages: of the applicant, and of a unit on behalf of its people."""

from core.pages.applications import form, on_behalf, own_application

PAGES = [*form.PAGES, *on_behalf.PAGES, *own_application.PAGES]
