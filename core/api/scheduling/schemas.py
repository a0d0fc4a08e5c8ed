"""What several parts of an exam's API say alike; what phones at the door send and are answered, pages included."""

from typing import Annotated

from pydantic import Field

from core.web.schemas import Output

GradeNumber = Annotated[int, Field(ge=1, le=5)]


class Counted(Output):
    """How many were concerned."""

    count: int
