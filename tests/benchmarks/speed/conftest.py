"""The benchmark's modules, which are no package."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks" / "speed"


@pytest.fixture
def module(monkeypatch):
    """``module("results")``: one of the benchmark's modules; nothing of them stays."""
    for folder in (FOLDER.parent, FOLDER / "readers", FOLDER):
        monkeypatch.syspath_prepend(str(folder))
    before = dict(sys.modules)

    def loaded(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield loaded
    places = {str(folder) for folder in (FOLDER.parent, FOLDER / "readers", FOLDER)}
    for name, one in list(sys.modules.items()):
        if name not in before and str(Path(getattr(one, "__file__", None) or "/").parent) in places:
            del sys.modules[name]
