"""``python -m tests.mutants [--only R4 R10 ... | --one-each | --untried] [--docs docs]``: 0 only if all are killed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Queue

from tests.mutants.mutant import Mutant, Unfit
from tests.mutants.report import line, markdown, untried
from tests.mutants.rules import MUTANTS
from tests.mutants.trial import Copy, Unsound, Verdict

CHECKOUT = Path(__file__).resolve().parents[2]
AT_ONCE = 2
"""Trials side by side, each in a copy of its own: one waits for its servers while another works."""


def main() -> int:
    """Try every mutant, two at a time, each against its own test."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="RULE", help="these rules only, such as R4 R10")
    parser.add_argument("--one-each", action="store_true", help="the first mutant of each rule: CI's share")
    parser.add_argument("--untried", action="store_true", help="those that docs/mutants.md doesn't say to be killed")
    parser.add_argument("--docs", type=Path, help="write mutants.md into this folder; rows of other rules stay")
    given = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if not given.only or mutant.rule in given.only]
    if given.one_each:
        chosen = list({mutant.rule: mutant for mutant in reversed(chosen)}.values())[::-1]
    if given.untried:
        chosen = untried(chosen, (CHECKOUT / "docs" / "mutants.md").read_text(encoding="utf-8"))
    if not chosen:
        parser.error(f"no mutant of {', '.join(given.only)}")
    try:
        verdicts = tried(chosen)
    except (Unfit, Unsound) as error:
        print(error, file=sys.stderr)
        return 2
    if given.docs:
        page = given.docs / "mutants.md"
        before = page.read_text(encoding="utf-8") if page.exists() else ""
        page.write_text(markdown(MUTANTS, verdicts, before), encoding="utf-8")
    survivors = [verdict for verdict in verdicts if not verdict.killed]
    print(f"{len(verdicts) - len(survivors)} of {len(verdicts)} killed")
    return 1 if survivors else 0


def tried(chosen: list[Mutant]) -> list[Verdict]:
    """The verdicts, each printed as it is known."""
    for mutant in chosen:
        mutant.broken(CHECKOUT)
    with tempfile.TemporaryDirectory(prefix="floodmark-mutants-") as folder:
        copies = [Copy(CHECKOUT, Path(folder) / str(number)) for number in range(AT_ONCE)]
        print(f"first the {len({mutant.test for mutant in chosen})} tests with nothing broken", flush=True)
        copies[0].passes(mutant.test for mutant in chosen)
        idle: Queue[Copy] = Queue()
        for copy in copies:
            idle.put(copy)
        verdicts = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for verdict in pool.map(partial(_tried, idle), chosen):
                    verdicts.append(verdict)
                    print(line(verdict), f"<!-- {verdict.how} -->" if verdict.killed else "", flush=True)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return verdicts


def _tried(idle: Queue[Copy], mutant: Mutant) -> Verdict:
    """A trial that couldn't even begin kills nothing, and doesn't end the others."""
    copy = idle.get()
    try:
        return copy.tried(mutant)
    except Unsound as error:
        print(error, file=sys.stderr)
        return Verdict(mutant=mutant, how="")
    finally:
        idle.put(copy)


if __name__ == "__main__":
    sys.exit(main())
