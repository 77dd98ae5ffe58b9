"""What Otoscope is, whose ideas it stands on, and what its models were trained on."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

PAPERS = (
    "S. Mishra, E. Benetos, B. L. Sturm, S. Dixon: Reliable local explanations for machine listening. IJCNN 2020.",
    "S. Mishra, B. L. Sturm, S. Dixon: Local interpretable model-agnostic explanations for music content analysis. "
    "ISMIR 2017.",
    "J. Schlüter, T. Grill: Exploring data augmentation for improved singing voice detection with neural networks. "
    "ISMIR 2015.",
    "C. Kereliuk, B. L. Sturm, J. Larsen: Deep learning and music adversaries. IEEE Trans. Multimedia 2015.",
)


class AboutDialog(QDialog):
    """Text that can be selected and copied."""

    def __init__(self, cards: list[dict[str, Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Otoscope")
        self.resize(620, 520)
        text = QTextBrowser()
        text.setAccessibleName("About Otoscope")
        papers = "".join(f"<li>{html.escape(paper)}</li>" for paper in PAPERS)
        models = "".join(f"<h4>{html.escape(_title(card))}</h4><p>{_facts(card)}</p>"
                         for card in cards)
        text.setHtml(f"<h2>Otoscope</h2><p>Looks into the ears of machines. MIT licence.</p>"
                     f"<h3>Papers</h3><ul>{papers}</ul><h3>Models</h3>{models}")
        QVBoxLayout(self).addWidget(text)


def _title(card: dict[str, Any]) -> str:
    return f"{card.get('title', card['name'])} ({card['name']})"


def _facts(card: dict[str, Any]) -> str:
    test = card.get("test", {})
    facts = [str(card.get("architecture", "")), str(card.get("limits", "")), str(card.get("weights_licence", ""))]
    if "mean_recall" in test:
        facts.insert(1, f"Mean recall {test['mean_recall']:.2f} on tracks of the test set.")
    elif test:
        low, high = test["error_interval"]
        facts.insert(1, f"Frame error {test['error']:.1%} on {test['n_songs']} held-out songs "
                        f"({low:.1%} to {high:.1%} over songs), AUROC {test['auroc']:.3f}.")
    return "<br>".join(html.escape(fact) for fact in facts)
