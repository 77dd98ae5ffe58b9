"""The import arrows hold; and the lint that keeps them would see one that does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"


def lint(folder):
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False)


def test_every_arrow_points_down():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(("file", "violation", "contract"), [
    ("engine/audio/waveform.py", "import PySide6", "engine knows no Qt"),
    ("engine/explain/__init__.py", "import engine.models.svd_cnn", "explainers see score functions"),
    ("engine/models/svd_cnn.py", "import engine.listening", "engine flows one way"),
    ("engine/stray.py", "", "engine flows one way"),
    ("gui/views/__init__.py", "import engine.listening", "views only draw"),
])
def test_a_planted_violation_is_seen(tmp_path, file, violation, contract):
    for package in ("engine", "gui"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with open(tmp_path / file, "a", encoding="utf-8") as source:
        source.write(f"\n{violation}\n")
    result = lint(tmp_path)
    assert result.returncode == 1
    assert contract in result.stdout
