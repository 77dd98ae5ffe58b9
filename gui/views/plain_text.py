"""Text as Python counts it and as Qt does: code points here, UTF-16 units there; one kind of line end; no markup."""

from __future__ import annotations

import html
import re
from bisect import bisect_left

from PySide6.QtGui import Qt, QTextDocument
from PySide6.QtWidgets import QLabel, QWidget

MARKED = "<qt>"     # what begins so was made here, or for a tip, and holds nothing from outside that is not escaped

_ENDS = re.compile("\r\n|[\r\u2028\u2029\ufdd0\ufdd1]")  # what a QTextDocument breaks lines at, beside \n
_HALVES = re.compile("[\ud800-\udfff]")
_WIDE = re.compile("[\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    r"""The text with `\n` at every line end, and U+FFFD for half a surrogate pair, which no text can hold."""
    if text.isascii() and "\r" not in text:
        return text
    return _HALVES.sub("\ufffd", _ENDS.sub("\n", text))


def as_tip(text: str) -> str:
    """Text for a tooltip that shows just that, also where Qt would take it for markup: files have odd names."""
    return f"{MARKED}{html.escape(text)}</qt>" if Qt.mightBeRichText(text) else text


def counted(n: int, what: str) -> str:
    """"1 tune", "4,000 tunes"."""
    return f"{n:,} {what}{'s' * (n != 1)}"


def with_minus(text: str) -> str:
    """The text of numbers with a minus sign as wide as its plus, which a hyphen is not."""
    return text.replace("-", "−")


def say_plainly(root: QWidget) -> None:
    """All labels in a widget show their text as it is, but those that were told to take it for markup."""
    for label in root.findChildren(QLabel):
        if label.textFormat() == Qt.TextFormat.AutoText:
            label.setTextFormat(Qt.TextFormat.PlainText)


def text_of(document: QTextDocument) -> str:
    """What a document holds, each character as it was put in; `toPlainText` would turn hard spaces into soft ones."""
    return plain(document.toRawText().replace("\u2029", "\n"))   # the usual end first, for the rest is slower


class Units:
    """Converts offsets of one text; free where every character takes one unit."""

    def __init__(self, text: str) -> None:
        self._wide = [] if text.isascii() else [match.start() for match in _WIDE.finditer(text)]
        self._wide_units = [start + before for before, start in enumerate(self._wide)]

    def to_qt(self, offset: int) -> int:
        """UTF-16 units before the character at `offset`."""
        return offset + bisect_left(self._wide, offset) if self._wide else offset

    def from_qt(self, position: int) -> int:
        """Characters before a position in UTF-16 units; the middle of a pair counts as its beginning."""
        if not self._wide:
            return position
        before = bisect_left(self._wide_units, position)
        inside = before > 0 and self._wide_units[before - 1] == position - 1
        return position - before if not inside else self._wide[before - 1]
