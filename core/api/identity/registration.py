"""Registering as an applicant and resetting a lost password over JSON: each in two steps, with a code by telephone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_202_ACCEPTED

from core.web.authentication import registration_tries
from core.web.authentication.sign_in import carrying
from core.web.dependencies import ThePlatform
from core.web.rates import REGISTRATION
from core.web.routes import declared_in, write_publicly
from core.web.schemas import Input, Line, Output, Secret

AnyRequest = Request[Any, Any, Any]


class RegistrationIn(Input):
    """Who registers, and the password that they choose. They sign in by their identity number."""

    id_number: Line
    name: Line
    phone: Line
    password: Secret


class SentOut(Output):
    """A code is under way to the mobile number; it is given back under this id, until then."""

    id: UUID
    expires_at: datetime


class CodeIn(Input, published="registration_api_CodeIn"):
    """The code that came by telephone."""

    code: Secret


class RegisteredOut(Output):
    """The new account; the answer's cookie is its first session."""

    account_id: UUID
    person_id: UUID


class ResetIn(Input):
    """Whose password is lost."""

    id_number: Line


class NewPasswordIn(Input, published="registration_api_NewPasswordIn"):
    """The code that came by telephone, and the new password."""

    code: Secret
    new_password: Secret


@write_publicly("/registrations", rate=REGISTRATION, status=HTTP_202_ACCEPTED)
def register(request: AnyRequest, platform: ThePlatform, data: JSONBody[RegistrationIn]) -> SentOut:
    """Register with one's real name: a code goes to the mobile number, and only with it the account is made."""
    filled_in = {**data.model_dump(), "password": data.password.get_secret_value()}
    return SentOut.model_validate(registration_tries.begin(request, platform, **filled_in))


@write_publicly("/registrations/{code_id:uuid}/confirm", rate=REGISTRATION, status=HTTP_201_CREATED)
def confirm_registration(
    request: AnyRequest, platform: ThePlatform, code_id: FromPath[UUID], data: JSONBody[CodeIn]
) -> Response[RegisteredOut]:
    """Give the code back: the account is made, and the answer's cookie signs its owner in."""
    registered, issued = registration_tries.confirm(request, platform, code_id, code=data.code.get_secret_value())
    answer = carrying(request, RegisteredOut.model_validate(registered), issued)
    answer.status_code = HTTP_201_CREATED
    return answer


@write_publicly("/password-resets", rate=REGISTRATION, status=HTTP_202_ACCEPTED)
def begin_reset(request: AnyRequest, platform: ThePlatform, data: JSONBody[ResetIn]) -> SentOut:
    """Ask for a code to the mobile number of an applicant's account. The answer is the same where there is none."""
    return SentOut.model_validate(registration_tries.begin_reset(request, platform, data.id_number))


@write_publicly("/password-resets/{code_id:uuid}/confirm", rate=REGISTRATION)
def confirm_reset(
    request: AnyRequest, platform: ThePlatform, code_id: FromPath[UUID], data: JSONBody[NewPasswordIn]
) -> None:
    """Give the code back and choose another password. Every session of the account ends."""
    code, new = data.code.get_secret_value(), data.new_password.get_secret_value()
    registration_tries.confirm_reset(request, platform, code_id, code=code, new=new)


router = Router("/", route_handlers=declared_in(__name__), tags=["登录"])
"""Open to everybody: nobody is known here yet."""
