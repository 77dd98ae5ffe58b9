"""What the tours of the pages point at, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What is pointed at, by its accessible name, and what is said of it."""

    control: str
    title: str
    text: str


TOURS: Mapping[str, Sequence[Step]] = {
    "Explain": (
        Step("Prediction", "What the model hears",
             "Its answer, moment by moment. Above the dashed line it says “singing”."),
        Step("Spectrogram", "Ask about a moment",
             "Drag the marked excerpt over the song. Orange speaks for the answer, blue against it."),
        Step("Segments", "Why it says so",
             "One line a piece of the excerpt. Click one to hide it from the model, and see the answer change."),
        Step("Hear: Kept", "Listen to the reason",
             "Kept plays only what speaks for the answer, Removed all but that. Keys 1 to 5 change without a "
             "gap."),
        Step("Fill", "Doubt it",
             "Another fill or method may tell another story. Stability and Trust, above, say how far this one "
             "can be trusted."),
        Step("Page Compose", "Four more pages",
             "Fool a model, hear what a neuron wants, take away what nobody hears, write a tune. Each has its "
             "tour in the Help menu."),
    ),
    "Maximise": (
        Step("Layer", "Choose where to look",
             "Layers from the input to the output; the last ones are the labels themselves."),
        Step("Neuron", "Choose a neuron", "Or a label: the question is what makes it fire most."),
        Step("Prior: GAN latent", "Keep it music",
             "Examples are grown through a generator that has learnt from music. The plain input gives noise, "
             "as a comparison."),
        Step("Maximise", "Grow examples", "Each seed makes one. They appear at the left while they grow."),
        Step("Real excerpts that excite it most", "Compare with real music",
             "Rest the mouse on an example, made or real, to hear it."),
        Step("FID on", "Which settings are fair?",
             "The search ranks settings by how near their examples are to real music, and not by how loudly "
             "the neuron fires."),
    ),
    "Adversary": (
        Step("Target", "What shall it say?", "Any other label, or the one you choose."),
        Step("Least SNR", "How quiet must the change be?", "The change stays so many decibels below the music."),
        Step("Attack", "Fool it", "Watch confidence and SNR while it works. Esc stops it."),
        Step("Hear: Original", "Hear the difference, if you can",
             "Keys 1, 2 and 3: the original, the adversary, and the change alone, made louder."),
        Step("Votes", "What turned", "The votes of each moment, before and after."),
        Step("Blind test (ABX)", "Prove it",
             "Can you tell X from A and B? The test says how likely guessing does as well."),
    ),
    "Dissect": (
        Step("High-pass", "Change the sound",
             "Switch on what you like: each change is in physical units, and its sound is a key away."),
        Step("What can be heard of it all", "What would a listener say?",
             "Here it says whether anybody could hear the change."),
        Step("Hear: Through the bench", "Listen",
             "Keys 1 and 2 go to and fro between the sound as it is and as it became."),
        Step("Try on all files", "Who loses their mind?", "Every system judges every file before and after."),
        Step("What is swept", "From 1 Hz to all of it", "A sweep shows where decisions turn."),
        Step("Search", "The smallest change",
             "Looks for the least change that nobody hears and that turns an answer."),
    ),
    "Compose": (
        Step("ABC text", "Write",
             "ABC is text. The score follows each letter; mistakes are marked where they stand."),
        Step("Suggest", "Ask how it goes on", "Or Ctrl+Return. Grey text appears at the cursor: Tab takes it."),
        Step("Temperature", "Tame or wild", "Low keeps to what is usual, high dares more."),
        Step("Suggestions", "Choose",
             "Other candidates, with how sure the network is of each and how much of it is known."),
        Step("Score", "Hear it", "F5 plays the tune. Click a note to find it in the text."),
    ),
}
"""Title of a page -> the steps of its tour."""
