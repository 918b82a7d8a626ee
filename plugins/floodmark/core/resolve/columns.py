"""Which columns are carried: globs, new ones that wait to be named (R29), names that BigQuery can't tell apart."""

from __future__ import annotations

from fnmatch import fnmatchcase

from floodmark.core.config import column_names
from floodmark.core.config.names import OURS
from floodmark.core.resolve.work import Resolution


def choose_columns(work: Resolution) -> tuple[str, ...]:
    include, exclude = work.table.columns.include, work.table.columns.exclude
    if work.schema.in_part and not (include and set(include) <= set(work.schema.names)):  # a glob takes what is told
        listed = ", ".join(work.schema.names)
        message = f"the account may read some columns of {work.where} alone, and is told of no other (R2)"
        work.refuse("columns", message, f"{work.schema.in_part}; or columns: {{include: [{listed}]}}, if these are all")
    # A glob in defaults need not match in every table; one that was written for this very table is a mistake.
    written = [("include", pattern) for pattern in include]
    written += [("exclude", pattern) for pattern in exclude if work.table.own_columns]
    for key, pattern in written:
        if not any(fnmatchcase(name, pattern) for name in work.schema.names):
            there = ", ".join(work.schema.names)
            work.refuse(f"columns.{key}", f'"{pattern}" matches no column of {work.where}; it has: {there}')
    chosen = _without_new(work, tuple(filter(work.table.columns.choose, work.schema.names)))
    if not chosen:
        work.refuse("columns", f"no column of {work.where} is left", "include some, or exclude fewer")
    for name in chosen:
        if name.lower().startswith(OURS):
            work.refuse("columns", f'column "{name}" begins as Floodmark\'s own do', f'exclude "{name}"')
    _refuse_twins(work, chosen)
    return chosen


def _refuse_twins(work: Resolution, chosen: tuple[str, ...]) -> None:
    """Two columns that BigQuery would take for one; a name that another column of the source bears, or may bear."""
    table, names = work.table, work.schema.names
    work.present("rename", tuple(table.rename), names)
    bearers = {name.casefold(): name for name in names if name not in table.rename}
    for name, target in table.rename.items():
        if bearer := bearers.get(target.casefold()):
            message = f'column "{name}" can\'t be called "{target}": a column of {work.where} is: "{bearer}"'
            work.refuse("rename", message, "give it another name, or rename both")
    seen: dict[str, str] = {}
    for name in chosen:
        first = seen.setdefault(name.casefold(), name) if name not in table.rename else name
        if first != name:
            message = f'columns "{first}" and "{name}" differ in case only, which BigQuery does not tell apart'
            work.refuse("columns", message, f"exclude one of them, or {column_names.offer(name, names)}")


def _without_new(work: Resolution, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the columns that may travel: one that came since is told first, and may be held (R29).

    One that was excluded under another name is the same column still; it never travels for being renamed.
    """
    before, numbers = work.before, dict(work.schema.identity.columns)
    if before is None or not before.columns:
        return chosen
    kept = []
    for name in chosen:
        known, same = before.column(name), before.numbered(numbers.get(name, 0))
        if same and same.name != name and not same.carried and not same.held:
            remedy = f'exclude "{name}" too; or, if it may travel, name it in columns.include'
            if name not in work.table.columns.include:
                work.refuse("columns", f'column "{name}" is the one that was excluded as "{same.name}"', remedy)
        elif name in work.table.columns.include or (known and not known.held) or (same and same.carried):
            kept.append(name)
            continue
        elif work.table.policy.added == "discard":
            work.held.append(name)
            work.told.append(f'column "{name}" is new, and held (schema.added): name it in columns, or exclude it')
            continue
        else:
            work.added.append(name)
            work.told.append(f'column "{name}" is new, and carried from now on (schema.added)')
        kept.append(name)
    return tuple(kept)
