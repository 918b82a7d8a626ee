"""Every mutant, in the order of the rules."""

from __future__ import annotations

from tests.mutants import (
    account,
    adopting,
    again,
    applying,
    balance,
    bigquery,
    cloudsql,
    content,
    emptied,
    history,
    identity,
    mysql_identity,
    mysql_reading,
    mysql_seal,
    mysql_server,
    mysql_session,
    privacy,
    queue,
    reading,
    reconciling,
    summarizing,
    values,
)
from tests.mutants.mutant import Mutant

ROOMS = (
    reading.MUTANTS,
    adopting.MUTANTS,
    again.MUTANTS,
    queue.MUTANTS,
    applying.MUTANTS,
    reconciling.MUTANTS,
    summarizing.MUTANTS,
    values.MUTANTS,
    account.MUTANTS,
    balance.MUTANTS,
    content.MUTANTS,
    emptied.MUTANTS,
    history.MUTANTS,
    identity.MUTANTS,
    bigquery.MUTANTS,
    privacy.MUTANTS,
    cloudsql.MUTANTS,
    mysql_identity.MUTANTS,
    mysql_reading.MUTANTS,
    mysql_seal.MUTANTS,
    mysql_server.MUTANTS,
    mysql_session.MUTANTS,
)
MUTANTS: tuple[Mutant, ...] = tuple(
    sorted((mutant for room in ROOMS for mutant in room), key=lambda mutant: int(mutant.rule[1:]))
)
