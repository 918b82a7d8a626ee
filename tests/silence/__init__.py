"""The suite of silent differences: every way known in which current may come to differ from its source.

A case says how a table is made, what happens to it, and how that must end:

equal     current holds what the source holds
refused   somebody was told before anything wrong stood in current, and the table doesn't count as well
told      current differs, and ``prove`` says so, how much and why

Whatever a case expects, one thing holds for all: where current differs, somebody is told. All of it goes through the
command line, as a person would do it. Each file of ``cases`` has a tuple ``CASES``; a case is about ten lines.
"""
