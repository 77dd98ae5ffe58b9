"""What is switched on at the bench, as treatments that the engine can apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial, reduce

from engine.audio.interventions import INTERVENTIONS, Treatment
from engine.audio.waveform import Waveform
from engine.explain.dissect_search import FAMILIES, Finding
from engine.explain.dissect_sweep import SWEEPS
from gui.views.bench_panel import FILTERS, TITLES, Settings

CAUSAL = "-causal"


@dataclass(frozen=True)
class Bench:
    """Interventions with the values of their parameters, and whether filters work as in a device."""

    settings: Settings = field(default_factory=dict)
    causal: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is switched on."""
        return not self.settings

    def treatments(self) -> dict[str, Treatment]:
        """Each by itself, in the order in which the sound passes through them.

        Raises
        ------
        InputError
            When a value is out of its range.
        """
        return {name: self._treatment(name, self.settings[name]) for name in TITLES if name in self.settings}

    def _treatment(self, name: str, values: Mapping[str, float]) -> Treatment:
        known = name + CAUSAL if self.causal and name in FILTERS else name
        return INTERVENTIONS[known].at(**values)

    def whole(self) -> Treatment:
        """All of them, one after the other, as one."""
        parts = list(self.treatments().values())
        if len(parts) == 1:
            return parts[0]

        def apply(sound: Waveform) -> Waveform:
            return reduce(lambda y, part: part.apply(y), parts, sound)

        return Treatment("several", ", then ".join(part.words for part in parts) or "nothing", apply,
                         all(part.aligned for part in parts))

    def at(self, kind: str) -> float | None:
        """Where it stands on a sweep; None where it does not use this."""
        swept = SWEEPS[kind]
        return self.settings.get(swept.intervention, {}).get(swept.parameter)

    def moved(self, kind: str, value: float) -> Bench:
        """With one value of a sweep, and all else as it is."""
        swept = SWEEPS[kind]
        return Bench({**self.settings, swept.intervention: {swept.parameter: value}}, self.causal)


def bench_of(finding: Finding) -> Bench | None:
    """What a search has found, and nothing else; None where the bench has nothing like it."""
    family = next((one for one in FAMILIES if one.name == finding.family), None)
    if family is None:
        return None
    treatment = family.treatment(finding.value)
    if treatment.name not in TITLES or not isinstance(treatment.apply, partial):
        return None
    values = {name: float(value) for name, value in treatment.apply.keywords.items() if name != "seed"}
    return Bench({treatment.name: values})
