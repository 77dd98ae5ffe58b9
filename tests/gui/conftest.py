"""GUI tests run without a display and with settings of their own."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
