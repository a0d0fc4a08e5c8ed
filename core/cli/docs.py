"""`kaowu docs`: the parts of the documentation that are made from the code. A test holds the files against it."""

from collections.abc import Iterator

import click
from pydantic_core import PydanticUndefined
from sqlalchemy import NullPool, create_engine

from core.audit.events import EVENTS
from core.cli.docs_policies import markdown_table, policies_page
from core.cli.docs_refusals import refusals
from core.db import isolation
from core.db.database import open_database
from core.domain.consequences import FACT_LABELS, ISSUED_LABELS, Fact, consequences_of
from core.domain.permissions import PERMISSION_LABELS, POSTS, Holding, Post, Role
from core.domain.workflow import ACTION_LABELS, FINAL, LIVE, STAGES, STATE_LABELS, VERBS, By, State, Verb
from core.plugin_api import OfficeLevel
from core.settings import PREFIX, ROOT, Settings

CAPACITY_LABELS: dict[By, str] = {
    By.APPLICANT: "the applicant (申报人)",
    By.UNIT: "the unit's manager (单位网上报名管理人员)",
    By.DEPARTMENT: "the department's reviewer (主管部门审核人员)",
    By.OFFICE: "the office in charge (工考管理机构)",
    By.SYSTEM: "the system, at the deadline",
    By.SUPERVISOR: "the supervising office",
    By.CITY_OR_PROVINCE: "the city or the province, by a final decision alone",
}

_HEAD = """\
# The life of an application

<!-- Made by `kaowu docs workflow` from core/domain/workflow.py. Change the table there, not here. -->

One table of verbs decides what can happen to an application. The buttons, `allowed_actions` in the API, the database's
table `transitions` and this page are made from it. An office chooses the route through it; it never adds a state.
"""
_AFTER_VERBS = """\
Which of several next states it is follows from the route that was pinned at submission, from whether the grade is
confirmed on site, and from whether a deferral (容缺) is open: `target()` in the same file.

Opening and closing of a window gate *submit* alone, and *resubmit* has until the hard end. Later stages have due
dates: late work is shown as late, and goes on.
"""


@click.group()
def docs() -> None:
    """The documentation that is made from the code."""


@docs.command()
def workflow() -> None:
    """Print docs/workflow.md: every state and verb of an application."""
    click.echo(workflow_page(), nl=False)


@docs.command()
def settings() -> None:
    """Print the table of settings that docs/operations.md holds."""
    click.echo(settings_table(), nl=False)


@docs.command()
def events() -> None:
    """Print the table of events that docs/record.md holds."""
    click.echo(events_table(), nl=False)


@docs.command()
def policies() -> None:
    """Print from the database which scope reaches which table by which command."""
    with open_database(Settings.load()) as databases:
        engine = create_engine(databases.app_url, poolclass=NullPool, hide_parameters=True)
        with engine.connect() as connection:
            click.echo(policies_page(isolation.tables(connection), isolation.policies(connection)), nl=False)


@docs.command()
def consequences() -> None:
    """Print docs/consequences.md: what an act does to what was issued before."""
    click.echo(consequences_page(), nl=False)


@docs.command("refusals")
def print_refusals() -> None:
    """Print each refusal code with its status and text."""
    click.echo(refusals_table(), nl=False)


def refusals_table() -> str:
    """Each refusal as a line of a Markdown table."""
    return markdown_table(
        ("Code", "Status", "Text", "Raised in"),
        ((f"`{refusal.code}`", str(refusal.status), refusal.text, f"`{refusal.file}`") for refusal in refusals()),
    )


def events_table() -> str:
    """Each event of the record as a line of a Markdown table."""
    return markdown_table(
        ("Event", "Shown as", "What has happened"),
        ((f"`{name}`", event.label, event.meaning) for name, event in sorted(EVENTS.items())),
    )


_CONSEQUENCES_HEAD = """\
# What a later act does to what was issued

<!-- Made by `kaowu docs consequences` from core/domain/consequences.py and core/audit/events.py. -->

Tickets, lists and certificates tell people facts. An act that changes a fact reaches every issued thing that tells it,
in the same transaction; an officer is shown what the act will cause before confirming it.
"""
_EFFECTS = """\
| Effect | Shown as | Means |
|---|---|---|
| `void` | 作废 | no longer valid from that moment; verification says since when and why |
| `replace` | 换发 | void, issued again, and the people concerned are told |
| `mark` | 须更新 | still valid; shown as out of date wherever it is listed |
| `ask` | 待处理 | an officer decides; it stands on a desk until then |
| `refuse` | 不能办理 | the act is not possible while the thing stands |
"""


def consequences_page() -> str:
    """The whole of docs/consequences.md."""
    facts = (
        (f"`{fact}` {FACT_LABELS[fact]}", f"{ISSUED_LABELS[issued]} (`{issued}`)", f"`{found.effect}`", found.meaning)
        for fact in Fact
        for issued, found in consequences_of(fact).items()
    )
    acts = (
        (f"`{name}` {event.label}", ", ".join(f"`{fact}`" for fact in sorted(event.changes)))
        for name, event in EVENTS.items()
        if event.changes
    )
    return "\n".join(
        (
            _CONSEQUENCES_HEAD,
            "## Effects\n",
            _EFFECTS,
            "## Facts and the things that tell them\n",
            markdown_table(("Changed fact", "Issued thing", "Effect", "What happens"), facts),
            "## Acts and the facts that they change\n",
            markdown_table(("Act", "Facts"), acts),
        )
    )


def workflow_page() -> str:
    """The whole of docs/workflow.md."""
    verbs = markdown_table(("Verb", "From", "To", "By", "Reason"), map(_verb_row, VERBS))
    states = markdown_table(
        ("State", "Shown as", "Kind"), ((f"`{state}`", STATE_LABELS[state], _kind(state)) for state in State)
    )
    roles = markdown_table(("Role", "Held in", "May"), (_role_row(role, post) for role, post in POSTS.items()))
    return "\n".join(
        (
            _HEAD,
            "## Verbs\n",
            verbs,
            _AFTER_VERBS,
            "## States\n",
            states,
            _ABOUT_LIVE,
            "## Roles\n",
            roles,
            _ABOUT_ROLES,
        )
    )


_ABOUT_LIVE = """\
A *live* application is the person's one application of the season; the database holds a second one off. A draft does
not count yet. A disqualified application stays live, so that there is no second try in the same year.
"""


_ABOUT_ROLES = """\
`POSTS` in `core/domain/permissions.py` is this table. Who acts on a case needs both a place in it (its unit, its
office in charge, its supervising office) and the permission that the verb asks for: a supervisor does not review, and
a reviewer does not supervise. A role is held from a moment until another and is asked for at every request. Acting for
a colleague narrows the colleague's role and never widens it.
"""


def settings_table() -> str:
    """Each setting of this machine as a line of a Markdown table."""
    return markdown_table(("Variable", "Default", "What it is"), _setting_rows())


def _verb_row(verb: Verb) -> tuple[str, ...]:
    targets = ", ".join(f"`{state}`" for state in verb.targets)
    capacities = ", ".join(label for by, label in CAPACITY_LABELS.items() if by in verb.by)
    reason = "required" if verb.needs_reason else ""
    return f"`{verb.action}` {ACTION_LABELS[verb.action]}", f"`{verb.source}`", targets, capacities, reason


def _role_row(role: Role, post: Post) -> tuple[str, ...]:
    levels = ", ".join(level for level in OfficeLevel if level in post.levels)
    held = f"an office: {levels}" if post.held is Holding.OFFICE else _HELD[post.held]
    may = ", ".join(f"`{act}` {label}" for act, label in PERMISSION_LABELS.items() if act in post.may)
    return f"`{role}` {post.label}", held, may


_HELD = {
    Holding.PERSON: "nowhere: a person as such",
    Holding.UNIT: "a unit or department",
    Holding.NOBODY: "nowhere: jobs, the clock and the command line",
}


def _kind(state: State) -> str:
    said = ["under review"] if state in STAGES else []
    said += ["live" if state in LIVE else "not live"]
    said += ["final"] if state in FINAL else []
    return ", ".join(said)


def _setting_rows() -> Iterator[tuple[str, ...]]:
    for name, field in Settings.model_fields.items():
        yield f"`{PREFIX}{name.upper()}`", _default(field.default), field.description or ""


def _default(value: object) -> str:
    if value is None or value is PydanticUndefined:
        return "-"
    return f"`{str(value).removeprefix(f'{ROOT}/')}`"
