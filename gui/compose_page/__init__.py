"""The Compose page: a book of tunes, an editor, a score, and a network that suggests.

`tunes` keeps what is open and undoes; `work` is what engine threads do; `engraving`, `playing`, `suggesting` and
`reading` ask for it and keep the answers; `showing` puts them into the views; `filing` opens and writes files;
`wishing` makes settings undoable too; `page` wires all that.
"""

from gui.compose_page.page import ComposePage

__all__ = ["ComposePage"]
