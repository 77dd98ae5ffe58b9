"""What a tune is to begin with: forced tokens and wildcards, meter and mode."""

from __future__ import annotations

from collections.abc import Sequence

from engine.checks import InputError
from engine.folk.tokens import kind_of, style_of
from engine.models.folk_lstm import FolkLstm

WILDCARD = "*"
MOST_WILDCARDS = 64
Slot = str | None     # a token that is forced; None: it is drawn


class PrimeError(InputError):
    """The tokens that a tune is to begin with are at fault, nothing else."""


def slots_of(model: FolkLstm, prime: Sequence[str] = (), *, meter: str = "", mode: str = "",
             header: bool = True) -> tuple[Slot, ...]:
    """The slots of a prime.

    Parameters
    ----------
    model : FolkLstm
        Whose tokens they are.
    prime : sequence of str
        Tokens, `*` for one that is drawn. A meter and a mode in front of them may be among them.
    meter, mode : str
        Such as `6/8` and `dor` or `Cdor`; empty: the prime's, or drawn.
    header : bool
        Put a wildcard where meter or mode are missing before other tokens.

    Raises
    ------
    PrimeError
        When the model does not know a token (the nearest is named), or the prime has another meter or mode.
    """
    tokens = list(prime)
    head: list[str] = []
    for kind, asked in (("meter", meter_token(model, meter)), ("mode", mode_token(model, mode))):
        has = bool(tokens) and (tokens[0] == WILDCARD or kind_of(tokens[0]) == kind)
        given = tokens.pop(0) if has and (header or tokens[0] != WILDCARD or asked) else ""
        if asked and given not in ("", WILDCARD, asked):
            raise PrimeError(f"prime: it begins with {given}, but {asked} was asked for; leave one of them out")
        head.append(asked or given or (WILDCARD if header else ""))
    tokens = [token for token in head if token] + tokens
    return following(model, tokens)


def following(model: FolkLstm, prime: Sequence[str]) -> tuple[Slot, ...]:
    """The slots of tokens as they are; wildcards at the end say nothing, since what follows is drawn anyway.

    Raises
    ------
    PrimeError
        When the model does not know a token, or more than 64 tokens are to be drawn between them.
    """
    tokens = list(prime)
    try:
        model.encode([token for token in tokens if token != WILDCARD])
    except InputError as error:
        raise PrimeError(f"prime: {error}") from None
    while tokens and tokens[-1] == WILDCARD:
        tokens.pop()
    if tokens.count(WILDCARD) > MOST_WILDCARDS:
        raise PrimeError(f"prime: expected at most {MOST_WILDCARDS} wildcards, got {tokens.count(WILDCARD)}")
    return tuple(None if token == WILDCARD else token for token in tokens)


def meter_token(model: FolkLstm, meter: str) -> str:
    """`M:6/8` of `6/8`; empty where none is asked for."""
    token = f"M:{meter.removeprefix('M:')}" if meter else ""
    return _known(model, token, "meter")


def mode_token(model: FolkLstm, mode: str) -> str:
    """`K:Cdor` or `K:dor`, as the model has it, of either; empty where none is asked for."""
    bare = mode.removeprefix("K:")
    bare = bare[1:] if bare[:1] == "C" and len(bare) > 1 else bare
    token = f"K:{'' if style_of(model.vocabulary) == 'v3' else 'C'}{bare}" if mode else ""
    return _known(model, token, "mode")


def _known(model: FolkLstm, token: str, kind: str) -> str:
    if token and token not in model.index:
        choices = [t[2:] for t in model.vocabulary if kind_of(t) == kind]
        raise InputError(f"{kind}: expected one that the model {model.name} knows ({', '.join(choices)}), "
                         f"got {token[2:42]!r}")
    return token
