"""Duties of offices that wait in the demonstration: annex forms, and a ban of earlier years for the second officer."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import Actor, ProvinceSession, Role
from core.domain.identity_number import simulated
from core.identity.service import claim_person
from core.organizations import managers
from core.organizations.managers import ManagerDetails
from core.plugin_api import OfficeCode, Sex
from core.sanctions.service import take_over_ban
from core.simulate.world import SimulatedUnit, World

_BANNED: Final = 1_000_001
"""The index of an invented person who takes part in no season."""


def leave_duties(world: World, city: OfficeCode) -> None:
    """Two annex forms of the city, one to be compared and one whose letter is to be printed; and a ban to confirm."""
    led, *_, alone = [unit for unit in world.units if unit.local_office == city]
    _file_form(world, led, "模拟接任人甲")
    form_id = _file_form(world, alone, "模拟接任人乙")
    with world.office(city) as session:
        access = managers.accept_manager_form(session, form_id)
    alone.manager = Actor(access.account_id, "模拟接任人乙", Role.UNIT_MANAGER, unit_id=alone.id)
    _enter_ban(world)


def _file_form(world: World, unit: SimulatedUnit, name: str) -> UUID:
    details = ManagerDetails(name, "male", "人事科", "副科长", "0379-00000000", "19900000001")
    with world.unit(unit.manager) as session:
        return managers.file_manager_form(session, unit.id, details=details, keys=world.platform.keys).id


def _enter_ban(world: World) -> None:
    entering = Actor(new_id(), "模拟省中心录入员", Role.PROVINCIAL_OFFICER, office_id=world.province)
    with ProvinceSession(world.platform.engine, actor=entering, now=world.clock()) as session, session.begin():
        number = simulated(_BANNED, date(1985, 5, 6), Sex.MALE)
        person = claim_person(session, id_number=number, name="测试受限人", phone=None, keys=world.platform.keys)
        take_over_ban(
            session,
            person_id=person,
            reason="提供虚假证书（模拟）",
            instrument="模拟处〔2023〕3号",
            begins=datetime(2023, 10, 8, tzinfo=SHANGHAI),
        )
