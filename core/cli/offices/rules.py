"""`kaowu rules`: try a season's rule document on cases that were judged before."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from core.applications.rules.document import RuleDocument, load_rule_document
from core.clock import system_clock
from core.db.session import ProvinceSession, system_actor
from core.platform import open_platform
from core.reviews.replay import Difference, replay, submissions_of
from core.settings import Settings


@click.group()
def rules() -> None:
    """Rule documents: the conditions by which applications are judged."""


@rules.command("replay")
@click.option("--year", type=int, required=True, help="The season whose submissions are judged again.")
@click.option(
    "--with",
    "other",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judge by this rule document instead, for example before it takes effect.",
)
def replay_command(year: int, other: Path | None) -> None:
    """Judge a season's submissions again and list what differs; nothing is written.

    Each is judged by the text that judged it: then nothing may differ, and something that does ends this with an error.
    """
    document = load_rule_document(other) if other is not None else None
    total, found = _replayed(year, document)
    for difference in found:
        _print(difference)
    by = f"by {document.version}" if document is not None else "by the texts that judged them"
    click.echo(f"{total} submissions of {year} judged again {by}: {len(found)} differ.")
    if found and document is None:
        raise click.ClickException("A verdict cannot be reproduced. The code that judges has changed its mind.")


def _replayed(year: int, document: RuleDocument | None) -> tuple[int, list[Difference]]:
    with open_platform(Settings.load()) as platform:
        actor = system_actor(platform.offices.catalogue.province.code)
        with ProvinceSession(platform.engine, actor=actor, now=system_clock()) as session, session.begin():
            total = submissions_of(session, year)
            results = track(replay(session, year, rules=document), "judging again", total, console=Console(stderr=True))
            return total, [result for result in results if result is not None]


def _print(difference: Difference) -> None:
    click.echo(f"{difference.reference}, submission {difference.round}")
    for sign, findings in (("-", difference.gone), ("+", difference.new)):
        for finding in findings:
            click.echo(f"  {sign} {finding.rule} [{finding.severity}] {finding.text}")
