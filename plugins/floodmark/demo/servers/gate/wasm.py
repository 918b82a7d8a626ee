"""Google's analyzer as PyPI's ``zetasql`` carries it: compiled to machine code once per machine, then only loaded.

To compile takes some 25 seconds of processor time and 1 GB; to load what was compiled, a tenth of a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import sys
import tempfile
from pathlib import Path

import wasmtime
from zetasql.core import wasm_client
from zetasql.wasi import get_wasm_path

COMPILED = Path(sys.prefix) / "googlesql.cwasm"
"""In the servers' environment, so that it goes with the versions of ``zetasql`` and ``wasmtime`` pinned there."""


def compiled(engine: wasmtime.Engine, path: Path = COMPILED) -> wasmtime.Module:
    """The module, from ``path`` where this machine can use what lies there, else compiled and put there.

    Under a lock: of several processes one compiles, the others wait and load what it made.
    """
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(wasmtime.WasmtimeError, OSError):  # missing, or made on another kind of processor
            return wasmtime.Module.deserialize_file(engine, str(path))
        module = wasmtime.Module.from_file(engine, get_wasm_path())
        handle, beside = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(module.serialize())
        os.replace(beside, path)
        return module


def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    with contextlib.suppress(AttributeError):  # a version of wasmtime that shares memory without being asked
        config.shared_memory = True
    return wasmtime.Engine(config)


class Client(wasm_client.WasmClient):  # type: ignore[misc]
    """The package's own client, but for two things: it loads what was compiled, and copies memory at once."""

    def __init__(self, path: Path = COMPILED) -> None:
        """Raises whatever wasmtime raises where it can't run."""
        wasi = wasmtime.WasiConfig()
        wasi.inherit_stderr()
        wasi.preopen_dir(wasm_client.get_tzinfo_dir(), "/usr/share/zoneinfo")
        self.store = wasmtime.Store(_engine())
        self.store.set_wasi(wasi)
        self.module = compiled(self.store.engine, path)
        linker = wasmtime.Linker(self.store.engine)
        linker.define_wasi()
        self.instance = linker.instantiate(self.store, self.module)
        self.exports = self.instance.exports(self.store)
        self.exports["_initialize"](self.store)
        self.memory = self.exports["memory"]

    def write_bytes(self, ptr: int, data: bytes) -> None:
        """Copy ``data`` to the module's memory."""
        ctypes.memmove(self._address(ptr), data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        """Copy ``size`` bytes from the module's memory."""
        return ctypes.string_at(self._address(ptr), size)

    def _address(self, ptr: int) -> int:
        start = ctypes.addressof(self.memory.data_ptr().contents)
        return start + (ptr & 0xFFFFFFFF)  # the module's pointers have 32 bits, and come signed


def main() -> int:
    """Compile it if it isn't: ``python wasm.py``, in the servers' environment."""
    compiled(_engine())
    return 0


if __name__ == "__main__":
    sys.exit(main())
