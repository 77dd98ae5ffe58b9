"""The engine runs headless: importing all of it in a fresh process brings in no Qt and no gui."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORT_ALL = """
import importlib, pkgutil, sys
import engine
names = [module.name for module in pkgutil.walk_packages(engine.__path__, "engine.")]
for name in names:
    importlib.import_module(name)
tops = {name.partition(".")[0] for name in sys.modules}
print(len(names), *sorted(tops & {"PySide6", "shiboken6", "pyqtgraph", "gui"}))
"""


def test_the_engine_imports_no_qt():
    result = subprocess.run([sys.executable, "-c", IMPORT_ALL], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    count, *found = result.stdout.split()
    assert found == []
    assert int(count) >= 15  # it did walk the rooms


def test_what_runs_before_set_up_needs_the_standard_library_only():
    # -S leaves out site-packages
    result = subprocess.run([sys.executable, "-S", "main.py", "--help"], cwd=ROOT, capture_output=True, text=True,
                            check=False)
    assert result.returncode == 0, result.stderr
    assert "explain" in result.stdout
