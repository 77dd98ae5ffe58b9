"""The words of the field, each in two sentences with its source: the one table behind tooltips and Help > Glossary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Term:
    """A concept, and the controls that stand for it.

    Parameters
    ----------
    name
        The word.
    means
        What it is, in two short sentences.
    source
        Who says so: authors and year.
    page
        Where it is met; "" where on several pages.
    names
        Labels, accessible names, column headers and choices that mean it, in lower case.
    """

    name: str
    means: str
    source: str
    page: str
    names: tuple[str, ...] = ()


TERMS = (
    # what is explained, and how
    Term("Excerpt", "The stretch of sound that the model hears at once, 1.6 s for the singing detector. "
         "Each answer and each explanation is about one excerpt.", "Schlüter, Grill 2015", "Explain",
         ("excerpt follows playback", "loop the excerpt")),
    Term("Target", "The label whose score is explained, or that an attack strives for. "
         "A model has one score for each of its labels.", "Mishra et al. 2017", "", ("target", "label wanted")),
    Term("Segment", "A piece of the excerpt that is hidden or shown as a whole: a stretch of time, a band, or both. "
         "An explanation gives each segment one weight.", "Mishra et al. 2017", "Explain",
         ("segments", "number of segments", "how many", "weight")),
    Term("Fill", "What takes the place of a hidden segment: silence, noise, a mean … "
         "The model must still take the rest for music, so the choice changes the explanation.", "Mishra et al. 2020",
         "Explain", ("fill", "top segments under each fill", "stability")),
    Term("SLIME", "SoundLIME hides segments of a sound in many combinations and fits a linear model to the scores. "
         "Its weights say which segments speak for the answer.", "Mishra, Sturm, Dixon 2017", "Explain",
         ("soundlime, exact", "soundlime, sampled", "slime")),
    Term("LIME", "Explains one answer of any model by a simple model that holds nearby. "
         "It needs scores only, nothing from the model's inside.", "Ribeiro, Singh, Guestrin 2016", "Explain",
         ("lime",)),
    Term("Shapley value", "What a segment adds to the score, averaged over all orders of showing segments. "
         "All values together are the difference between the full and the empty excerpt.",
         "Shapley 1953; Lundberg, Lee 2017", "Explain", ("shapley values", "shapley")),
    Term("Occlusion", "Hides one segment after the other and notes how far the score falls. "
         "It does not see what segments do only together.", "Zeiler, Fergus 2014", "Explain", ("occlusion",)),
    Term("Integrated gradients", "Adds up the gradient of the score on the way from an empty excerpt to this one. "
         "It gives every bin of the spectrogram its share.", "Sundararajan, Taly, Yan 2017", "Explain",
         ("integrated gradients",)),
    Term("Saliency", "The gradient of the score with respect to every bin of the input. "
         "It says where a tiny change would matter, not what the answer rests on.", "Simonyan, Vedaldi, Zisserman 2014",
         "Explain", ("saliency", "gradient")),
    Term("Log-odds", "The score before it is squeezed into a probability. "
         "A model that is nearly sure still shows differences there.", "Mishra et al. 2019", "Explain",
         ("units", "log-odds", "logit")),
    Term("Agreement over fills", "How many of the top segments are named again when another fill is used. "
         "What hides a segment should not decide which one matters.", "Mishra et al. 2020", "Explain",
         ("agreement over fills",)),
    Term("Deletion and insertion", "The score while segments are hidden, or brought back, largest weight first. "
         "A good explanation makes it fall, or rise, early.", "Petsiuk, Das, Saenko 2018", "Explain",
         ("deletion area", "insertion area", "deletion and insertion curves", "score while segments go and come")),
    Term("Flip test", "Hides what the explanation names and looks whether the decision changes. "
         "For LIME it did so in 21 to 53 % of excerpts.", "Praher et al. 2021", "Explain",
         ("hiding the top flips it",)),
    Term("Infidelity", "How far the weights are from predicting what the score really does when segments are hidden. "
         "Zero is a perfect account.", "Yeh et al. 2019", "Explain", ("infidelity",)),
    Term("Max-sensitivity", "The most that an explanation changes when the input changes hardly at all. "
         "A large value says that one should not lean on it.", "Yeh et al. 2019", "Explain", ("max-sensitivity",)),
    # what a neuron wants
    Term("Activation maximisation", "Looks for the input that makes a neuron fire most. "
         "What comes out shows, and sounds like, what the neuron waits for.", "Erhan et al. 2009; Mishra et al. 2019",
         "Maximise", ("direction: maximise", "direction: minimise", "neuron", "neuron, roughly")),
    Term("Layer", "One step of a network; its neurons answer to patterns in what the step before gives. "
         "Near the input these are plain, near the output they are nearly the labels.", "Zeiler, Fergus 2014",
         "Maximise", ("layer",)),
    Term("Prior", "What keeps a synthesised example near to music: without it a neuron's favourite input is noise. "
         "Here it is a generator trained on music, or a few plain regularisers.", "Mishra et al. 2019", "Maximise",
         ("prior: gan latent", "prior: plain input", "prior")),
    Term("GAN", "Two networks that learn against each other: one makes spectrograms, one tells them from real ones. "
         "The first is then a map from plain numbers to music-like sounds.",
         "Goodfellow et al. 2014; Gulrajani et al. 2017", "Maximise", ("gan latent",)),
    Term("Latent", "The 128 numbers from which the generator makes one excerpt. "
         "Their length says how usual the excerpt is: very long ones lie outside what it has learnt.",
         "Mishra et al. 2019", "Maximise",
         ("reg", "from a to b", "take as a", "take as b", *(f"direction {n}" for n in range(1, 7)))),
    Term("FID", "Fréchet distance between what a layer answers to real music and to the synthesised examples. "
         "Small means that the examples look like music to that layer; it ranks the settings.",
         "Heusel et al. 2017; Mishra et al. 2019", "Maximise", ("fid on", "fid", "fid →", "settings, ranked")),
    Term("Total variation", "The mean difference between neighbouring bins of a spectrogram. "
         "Keeping it small forbids isolated specks.", "Mahendran, Vedaldi 2015", "Maximise", ("total variation",)),
    Term("Jitter and blur", "The example is shifted a little in each step and smoothed now and then. "
         "Only patterns that survive both remain.", "Mordvintsev et al. 2015; Yosinski et al. 2015", "Maximise",
         ("jitter", "blur")),
    Term("Seed", "The number from which all chance of a run is drawn. "
         "The same seed and the same settings give the same result.", "Sturm et al. 2016", "",
         ("seed", "seeds", "first seed", "lock the seed", "new seed")),
    # how a model is fooled
    Term("Adversary", "A recording changed so little that people hear the same, while the model says something else. "
         "It shows that the model does not go by what people go by.", "Szegedy et al. 2014; Kereliuk et al. 2015",
         "Adversary", ("attack", "hear: adversarial", "every label")),
    Term("Residual", "Exactly what an attack adds to the recording, nothing else. "
         "Played alone and louder it says what the model was fooled by.", "Kereliuk et al. 2015", "Adversary",
         ("hear: residual", "gain of the residual", "residual louder by")),
    Term("SNR", "Signal-to-noise ratio: how many decibels the recording is stronger than the change. "
         "At 15 dB the change is plain to hear, at 40 dB hardly ever.", "Kereliuk et al. 2015", "Adversary",
         ("least snr", "snr", "snr db", "snr in db", "least signal-to-noise ratio", "white noise: snr")),
    Term("Projection", "Not every spectrogram is one of a sound, so it is made into sound and analysed again. "
         "Doing so in each step is slower, and the adversary survives better.", "Kereliuk et al. 2015", "Adversary",
         ("projection",)),
    Term("Confidence", "The probability that the model gives to the label strived for. "
         "An attack stops where it is reached, 0.9 as published.", "Kereliuk et al. 2015", "Adversary",
         ("confidence", "conf.")),
    Term("Masking", "A loud sound hides weaker ones near to it in frequency and time. "
         "An attack that puts its changes there is heard less at the same SNR.", "Johnston 1988", "Adversary",
         ("weighting", "masking")),
    Term("ABX test", "X is A or B by chance; the listener says which, many times over. "
         "The exact binomial probability says whether guessing would have done as well.",
         "Munson, Gardner 1950; Clark 1982", "Adversary", ("blind test (abx) …", "blind test (abx)")),
    Term("Survival", "Whether an adversary still fools after MP3, resampling, a room … "
         "What does not survive is seldom met outside the computer.", "Kurakin, Goodfellow, Bengio 2017", "Adversary",
         ("survival",)),
    Term("Transfer", "Whether an adversary made for one model fools others, too. "
         "If so, they share a weakness, and nobody needs to know a model to fool it.", "Szegedy et al. 2014",
         "Adversary", ("other models",)),
    # what a system goes by
    Term("Horse", "A system that gives right answers for reasons beside the question, like the horse Clever Hans. "
         "Here one is planted on purpose, to see which method finds it.", "Sturm 2014", "Dissect",
         ("plant a horse", "horse", "plant a horse …", "confound")),
    Term("Intervention", "A change of one property of the sound, with all others kept. "
         "If answers change with what nobody hears, the system does not go by the music.",
         "Rodríguez-Algarra et al. 2016", "Dissect", ("what is swept", "try on all files", "bench")),
    Term("Infrasound", "Sound below 20 Hz, where it is no tone and mostly not heard at all. "
         "Systems were found to go by it, since recordings of a style share their hum.",
         "Rodríguez-Algarra et al. 2016", "Dissect", ("high-pass", "high-pass: cut-off")),
    Term("Threshold of hearing", "The least level of a tone that is heard in silence, at each frequency. "
         "What lies below it is inaudible, whatever a model makes of it.", "Terhardt 1979", "Dissect",
         ("what can be heard of it all", "threshold of hearing")),
    Term("Zero-phase filter", "A filter run forwards and backwards, which moves nothing in time. "
         "A causal one, as in a device, delays what it lets through.", "Gustafsson 1996", "Dissect",
         ("phase of the filters",)),
    Term("Scattering", "Averages of wavelet amplitudes, and of how these fluctuate, over 0.7 s. "
         "It keeps slow modulations that a mel spectrogram loses.", "Andén, Mallat 2014", "Dissect",
         ("scattering", "systems")),
    Term("Support vectors", "A classifier that compares an excerpt with training examples at the border of classes. "
         "It is accurate, and says little about why.", "Cortes, Vapnik 1995", "Dissect", ("support vectors",)),
    Term("Decision tree", "A list of yes-or-no questions, each about one number of the analysis. "
         "One can read, and here hear, what it goes by.", "Breiman et al. 1984; Rodríguez-Algarra et al. 2016",
         "Dissect", ("tree", "decision tree", "which tree", "questions of the tree")),
    Term("Recall", "The share of a class that a system gets right; mean recall is its average over classes. "
         "By chance it is one over the number of classes.", "Kereliuk et al. 2015", "",
         ("recall", "mean recall", "confusions", "whose confusions")),
    Term("Artist filter", "No artist is in both the training and the test set. "
         "Without it a system may know the studio and not the style, and scores look better than they are.",
         "Flexer 2007; Kereliuk et al. 2015", "Dissect", ("artist", "partition")),
    Term("Precision, F1, AUROC", "Precision is the share of alarms that are right, F1 its harmonic mean with recall. "
         "AUROC is the chance that a positive moment scores above a negative one, whatever the threshold.",
         "Fawcett 2006", "", ("auroc", "precision", "f1")),
    Term("Threshold", "The probability from which on the answer counts as yes. "
         "It is chosen on validation songs, and need not be a half.", "Schlüter, Grill 2015", "Explain",
         ("threshold", "prediction")),
    # what a network writes
    Term("folk-rnn", "A recurrent network that has read thousands of folk tunes and writes them on, sign by sign. "
         "It knows nothing but which signs follow which.", "Sturm et al. 2016", "Compose", ("suggest", "candidates")),
    Term("Temperature", "How daring the draws are: probabilities are raised to one over it. "
         "Below 1 it keeps to the likely, above 1 it tries the odd, and 1 draws as the network has learnt.",
         "Ackley, Hinton, Sejnowski 1985", "Compose", ("temperature", "temperature, roughly", "temperature 1")),
    Term("Top-p", "Draws from the fewest tokens that together have this probability. "
         "It cuts off the long tail of what hardly ever comes.", "Holtzman et al. 2020", "Compose", ("top-p",)),
    Term("Top-k", "Draws from this many of the likeliest tokens only. "
         "Unlike top-p it takes as many where the network is sure as where it is not.", "Fan, Lewis, Dauphin 2018",
         "Compose", ("top-k",)),
    Term("Token", "What the network reads and writes at once: a note, a length, a bar line, the metre, the key. "
         "A tune is a line of some 150 of them.", "Sturm et al. 2016", "Compose", ("begin with", "what may come next")),
    Term("Nats", "The surprise at a token: minus the natural logarithm of its probability. "
         "0 is certain, 1 is one in 2.7, 3 is one in 20.", "Shannon 1948", "Compose", ("nats", "nats/token")),
    Term("Grammar", "What makes ABC playable: full bars, repeats that close, an end. "
         "Draws that would break it are forbidden, the rest keep their proportions.", "Sturm et al. 2016", "Compose",
         ("keep to the grammar",)),
    Term("Novelty", "Which passages of a tune stand in the tunes that the network has read. "
         "Eight notes or more in a row count as known.", "Sturm et al. 2016", "Compose",
         ("known %", "known passages", "nearest known tunes", "what is copied", "passages they have, too")),
    Term("Infilling", "New music for selected bars that fits what stands before and behind them. "
         "Candidates are ranked by how likely the network finds the whole.", "Donahue et al. 2020", "Compose",
         ("fill selected bars",)),
    Term("ABC", "A way to write tunes in plain text: letters for notes, figures for lengths. "
         "X: numbers a tune, M: is its metre, L: the unit of length, K: the key.", "Walshaw 1993", "Compose",
         ("abc text", "mode", "metre")),
)
"""In the order of pages."""


@cache
def _by_name() -> dict[str, Term]:
    return {name: term for term in TERMS for name in (term.name.lower(), *term.names)}


def term_of(*names: str) -> Term | None:
    """The term that the first known one of some labels stands for, whatever their case; None where none does."""
    for name in names:
        if (found := _by_name().get(name.strip(" ▴▾:").lower())) is not None:
            return found
    return None
