"""What a neuron wants, seen and heard.

    page -> showing (study to views, in words) | doing (keys and buttons) | exports (files)
         -> inquiry (asks the engine) | hearing (what is heard)
         -> study (what is asked and known now) -> values (of what it is made)
"""

from gui.maximise_page.page import MaximisePage

__all__ = ["MaximisePage"]
