"""What pages give a session and get back from it, and what can be undone.

    kept: what a page holds, as references | way_back: an edit as a command of undo
"""

from gui.session.kept import Held, Kept, Later, fitted, refreshed, with_earlier
from gui.session.way_back import MOST_UNDONE, PAUSE_SECONDS, Change

__all__ = ["MOST_UNDONE", "PAUSE_SECONDS", "Change", "Held", "Kept", "Later", "fitted", "refreshed", "with_earlier"]
