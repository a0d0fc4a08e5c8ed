"""The offices of ``tenants/`` read and merged, as every start and every command does: how long that takes.

Run it from the repository root: ``python -m bench.configuration``. It exits with 1 where the median is over the aim.
"""

import statistics
import sys
import time

import click

from core.settings import ROOT
from core.tenancy.catalogue import load_catalogue

AIM = 0.5
"""Seconds of the processor for the whole province."""
TIMES = 15


@click.command()
def main() -> None:
    """Read the whole province several times and print the seconds of the processor."""
    taken = []
    for _ in range(TIMES):
        began = time.process_time()
        offices = load_catalogue(ROOT / "tenants").offices()
        taken.append(time.process_time() - began)
    median = statistics.median(taken)
    click.echo(f"{len(offices)} offices, {TIMES} times: median {median:.3f} s, worst {max(taken):.3f} s; aim {AIM} s")
    sys.exit(median > AIM)


if __name__ == "__main__":
    main()
