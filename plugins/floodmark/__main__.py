"""The program ``floodmark``, which is ``python -m floodmark`` too."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""As the command line's own exit code, which isn't known before it is imported."""


def main() -> int:
    """Run the command line; its modules are imported here, so that Ctrl-C meanwhile is a line and no traceback."""
    try:
        from floodmark.cli import app

        app(prog_name="floodmark")
    except KeyboardInterrupt:
        print("interrupted before anything was done", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
