"""System libraries that Otoscope needs beside its packages: found, or installed after saying so.

Like the environment it knows the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

from engine.commands.output import say

# libraries by soname, with the Debian package that brings each
QT = {"libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libxkbcommon.so.0": "libxkbcommon0",
      "libdbus-1.so.3": "libdbus-1-3", "libfontconfig.so.1": "libfontconfig1",
      "libglib-2.0.so.0": "libglib2.0-0"}
QT_ON_X11 = {"libxcb-cursor.so.0": "libxcb-cursor0", "libxcb-icccm.so.4": "libxcb-icccm4",
             "libxcb-keysyms.so.1": "libxcb-keysyms1", "libxcb-shape.so.0": "libxcb-shape0",
             "libxkbcommon-x11.so.0": "libxkbcommon-x11-0"}
SOUND = {"libportaudio.so.2": "libportaudio2"}


def provide(libraries: dict[str, str]) -> list[str]:
    """Those of `libraries` that are missing, after installing them where that is allowed."""
    without = [name for name in libraries if not loads(name)] if sys.platform == "linux" else []
    packages = [libraries[name] for name in without]
    if packages and apt_install(packages):
        return [name for name in without if not loads(name)]
    if packages:
        say(f"System libraries are missing. On Debian or Ubuntu: sudo apt install {' '.join(packages)}")
    return without


def loads(library: str) -> bool:
    """Whether the dynamic linker finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages, if this is root on such a system; whether that worked."""
    if not hasattr(os, "geteuid") or os.geteuid() or not shutil.which("apt-get"):
        return False
    say(f"Installing with apt-get: {' '.join(packages)}")
    # a bare PATH lacks the folders in which dpkg looks for its helpers
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "PATH": path}
    install = ["install", "-y", "--no-install-recommends", *packages]
    for arguments in (install, ["update"], install):
        command = ["apt-get", "-qq", *arguments]
        run = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        if run.returncode == 0 and arguments is install:
            return True
    say(f"apt-get failed: {run.stderr.strip()[-500:]}")
    return False
