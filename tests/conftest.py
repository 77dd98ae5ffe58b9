"""Threads that wait sleep: tests share their machine."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
