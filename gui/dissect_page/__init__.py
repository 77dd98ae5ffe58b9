"""What a system listens to, found by changing the sound in known ways.

    page -> showing (study to views, in words) | doing (keys and buttons) | exports (files)
         -> inquiry (asks the engine) | hearing (what is heard)
         -> study (what is open now) -> bench (what is switched on), files (what is in a folder)
"""

from gui.dissect_page.page import DissectPage

__all__ = ["DissectPage"]
