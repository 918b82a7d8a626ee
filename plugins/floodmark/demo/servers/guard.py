"""Become another program that dies with its parent: ``python -I -S guard.py PARENT_PID SIGNAL USER command...``

A program of its own rather than a ``preexec_fn``, which is not safe beside threads. Standard library only.
USER is ``-`` for no change. The order matters: the kernel forgets the death signal when the user changes.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Change the user, ask for the death signal, make sure that the parent still lives, and become the command."""
    parent, signal_number, user, *command = sys.argv[1:]
    if user != "-":
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0) != 0:
        sys.exit("guard: the kernel refused the parent-death signal")
    if os.getppid() != int(parent):
        sys.exit("guard: the parent is gone already")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
