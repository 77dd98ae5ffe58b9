"""Why a model says what it says of an excerpt, seen and heard.

    page -> showing (study to views, in words) | sound_controls (player and bar) | menu
         -> inquiry (asks the engine) | hearing (what is heard) | painting (the brush) | exports (files)
         -> opening (a song or an adversary, through a model)
"""

from gui.explain_page.page import ExplainPage

__all__ = ["ExplainPage"]
