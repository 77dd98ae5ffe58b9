"""The engine: everything Otoscope can do, without a window.

The map, from the door inwards (an arrow is an import; layers may be skipped downwards, never upwards):

    commands -> batch | bench | training -> report -> listening | composing -> explain | folk -> models -> audio
             -> disk -> job | checks

- `commands`   the command line, one file per sub-command
- `batch`      the same question to very many files, on all cores or a cluster
- `listening`  what a page or a command asks for: a request in, an answer out
- `composing`  the same for tunes: suggestions, what is in them, where they come from
- `explain`    the mathematics, on score functions; it knows no model (import-linter keeps it so)
- `folk`       tunes: ABC, tokens, grammar, sampling, what is known of a tune
- `models`     the listeners and their networks; one catalogue finds them
- `audio`      waveforms, front ends, the way back to sound
- `job`        progress, cancelling      `checks`  the errors people read      `disk`  whole files

One rule: nothing in here imports Qt or `gui`.
"""
