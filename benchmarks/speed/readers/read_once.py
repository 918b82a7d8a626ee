"""One read by one contestant, in a process of its own: ``python read_once.py MODULE ARGUMENT DSN TABLE FOLDER``.

Run by the contestant's own interpreter, so of the standard library only. What the module imports at its top is not part
of the read: those seconds are told apart. The folder is for the rows alone; the working directory, around it, for
whatever else is written. Prints one line of JSON as its last.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path


def cpu() -> float:
    """User and system seconds of this process and of its children that ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def main() -> None:
    """Import, read, tell."""
    name, argument, dsn, table, folder = sys.argv[1:]
    module = importlib.import_module(name)
    used, began = cpu(), time.perf_counter()
    rows = module.read(argument, dsn, table, Path(folder))
    seconds = time.perf_counter() - began
    told = {
        "seconds": seconds,
        "cpu": cpu() - used,
        "rows": rows,
        "bytes": sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()),
    }
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
