"""How a listener is fooled, seen and heard.

    page -> showing (study to views, in words) | doing (keys and buttons) | exports (files)
         -> inquiry (asks the engine) | hearing (what is heard)
         -> study (what is open now)
"""

from gui.adversary_page.page import AdversaryPage

__all__ = ["AdversaryPage"]
