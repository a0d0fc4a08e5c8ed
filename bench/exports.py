"""The memory of a large export: an office's queue of 100,000 cases, ordered and made as the worker makes it.

Run it from the repository root: ``python -m bench.exports``. The cases are those of ``bench.queue``. Printed are rows,
processor seconds, the size of the file, and the megabytes that the process needed more than before, at the highest;
more than 100 fails.
"""

import logging
import resource
import time

import click
import structlog

from bench.queue import fill, installation
from core.db.session import Role
from core.pages.table_job import export_table
from core.web.authentication.cookies import SESSION
from tests.cases import CITY

MOST_MEGABYTES = 100


def megabytes() -> float:
    """The memory of this process at its highest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command()
@click.option("--applications", default=100_000, show_default=True, help="How many rows the table has.")
def main(applications: int) -> None:
    """Order the table of the whole queue and make it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with installation() as (web, superuser):
        web.submitted().at_office()
        cookie = {"Cookie": f"{SESSION}={web.session_of(web.staff(Role.CITY_REVIEWER, CITY))}"}
        fill(superuser, 1, applications)
        answer = web.client.get("/desk/export", headers=cookie, follow_redirects=False)
        if answer.status_code != 303:
            raise click.ClickException(f"/desk/export answered {answer.status_code}")
        (order,) = superuser.execute("SELECT id, office_id FROM table_exports").fetchall()
        # The page that a browser asks for loads what every process has loaded.
        web.client.get("/exports", headers=cookie)
        before, began = megabytes(), time.process_time()
        export_table(web.platform, office_id=order[1], export_id=str(order[0]))
        took, more = time.process_time() - began, megabytes() - before
        ((state, rows, size),) = superuser.execute("SELECT state, rows, size FROM table_exports").fetchall()
    click.echo(f"{state}: {rows} rows, {took:.1f} processor seconds, {size / 2**20:.1f} MB, {more:.0f} MB more")
    if state != "ready" or rows != applications:
        raise click.ClickException("The table was not made whole.")
    if more > MOST_MEGABYTES:
        raise click.ClickException(f"More than {MOST_MEGABYTES} MB.")


if __name__ == "__main__":
    main()
