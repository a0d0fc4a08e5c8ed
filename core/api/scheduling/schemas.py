"""Schemas that several parts of the exams' API share."""

from typing import Annotated

from pydantic import Field

from core.web.schemas import Output

GradeNumber = Annotated[int, Field(ge=1, le=5)]


class Counted(Output):
    """How many were concerned."""

    count: int
