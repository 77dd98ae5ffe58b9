"""The window: `run` starts the application; menus hold every action once."""

from gui.main_window.starting import run
from gui.main_window.window import MainWindow

__all__ = ["MainWindow", "run"]
