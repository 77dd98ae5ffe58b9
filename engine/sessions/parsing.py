"""JSON text that nobody vouches for: plain values, and what can be had of a text that breaks off."""

from __future__ import annotations

import json
import math
from json.decoder import scanstring  # type: ignore[attr-defined]  # what json itself reads strings with
from typing import Any

DEEPEST = 64    # levels; what walks through a value may recurse
_SPACE = " \t\n\r"


class NotJson(ValueError):
    """Nothing of the text can be used; the message says why."""


def parsed(text: str) -> tuple[dict[str, Any], bool]:
    """The mapping that a text holds, and whether the text is whole.

    Of one that breaks off or has a fault, the entries before the fault; of a list or a mapping in which it lies, the
    items before it.

    Raises
    ------
    NotJson
        When nothing can be used.
    """
    try:
        # a call for each number takes longer than all else: only where one may be beyond what a float can be
        value = (_DECODER if _may_be_huge(text) else _QUICK_DECODER).decode(text)
        whole = True
    except RecursionError:
        raise NotJson("its values lie too deep in each other") from None
    except ValueError:
        value, _, whole = _begun(text, _after_space(text, 0), levels=3)
    if not isinstance(value, dict) or not value:
        raise NotJson("it holds no values by name")
    return {key: item for key, item in value.items() if not too_deep(item)}, whole and not too_deep(value)


def too_deep(value: Any) -> bool:
    """Whether there is more than `DEEPEST` levels in a value."""
    level = [value]
    for _ in range(DEEPEST):
        level = [item for one in level if isinstance(one, (dict, list))
                 for item in (one.values() if isinstance(one, dict) else one) if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


_DIGITS = bytes.maketrans(b"0123456789E", b"0" * 10 + b"e")
_QUICK_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=lambda _: None)


def _may_be_huge(text: str) -> bool:
    """Whether a number in a text has an exponent of three digits or three hundred digits."""
    alike = text.encode("utf-8", "replace").translate(_DIGITS)
    return any(sign in alike for sign in (b"e000", b"e+000", b"0" * 300))


def _begun(text: str, at: int, levels: int) -> tuple[Any, int, bool]:
    """A value that begins at `at`, where it ends, and whether it is whole; None where nothing of it can be had."""
    try:
        value, end = _DECODER.raw_decode(text, at)
        return value, end, True
    except (ValueError, RecursionError):
        pass
    if levels and text[at : at + 1] == "[":
        return _begun_list(text, at + 1)
    if levels and text[at : at + 1] == "{":
        return _begun_mapping(text, at + 1, levels - 1)
    return None, at, False


def _begun_list(text: str, at: int) -> tuple[list[Any], int, bool]:
    items: list[Any] = []
    while True:
        item, at, whole = _begun(text, _after_space(text, at), 0)
        at = _after_space(text, at)
        if not whole or _breaks_off(item, text, at):
            return items, at, False
        items.append(item)
        if text[at : at + 1] != ",":
            return items, at, False
        at += 1


def _begun_mapping(text: str, at: int, levels: int) -> tuple[dict[str, Any], int, bool]:
    items: dict[str, Any] = {}
    while True:
        at = _after_space(text, at)
        try:
            if text[at : at + 1] != '"':
                return items, at, False
            key, at = scanstring(text, at + 1, True)
        except ValueError:
            return items, at, False
        at = _after_space(text, at)
        if text[at : at + 1] != ":":
            return items, at, False
        value, at, whole = _begun(text, _after_space(text, at + 1), levels)
        at = _after_space(text, at)
        if (value is not None or whole) and not _breaks_off(value, text, at):
            items[key] = value
        if not whole or text[at : at + 1] != ",":
            return items, at, False
        at += 1


def _breaks_off(value: Any, text: str, at: int) -> bool:
    """Whether a value may be the first digits of a longer number."""
    return isinstance(value, (int, float)) and text[at : at + 1] not in (",", "]", "}")


def _after_space(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _SPACE:
        at += 1
    return at
