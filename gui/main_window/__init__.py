"""The window: `run` starts the application; menus hold every action once."""

from gui.main_window.window import MainWindow, run

__all__ = ["MainWindow", "run"]
