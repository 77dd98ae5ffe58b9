"""The door of the frozen program: main, or one of the engine's own child processes (see `engine/child.py`)."""

from __future__ import annotations

import multiprocessing
import runpy
import sys

import main

CHILD = ["-P", "-m"]    # how the engine asks its interpreter, which is this program, for a module


if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:3] == CHILD and sys.argv[3].startswith("engine."):
        del sys.argv[1:3]
        runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
    else:
        sys.exit(main.main())
