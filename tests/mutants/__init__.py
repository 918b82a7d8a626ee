"""Breaks each rule of docs/guarantees.md on purpose and sees its named test fail: ``python -m tests.mutants``."""
