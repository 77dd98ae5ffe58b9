"""The bar under everything: play, where, how fast, what of the sound, how loud, through what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QToolButton,
    QWidget,
)

from gui.theme import DARK, SPACING, Theme, scaled, tabular
from gui.views.time_field import TimeField, time_text
from gui.views.transport_icons import SIZE, icon

Sources = Mapping[str, tuple[str, str]]  # key -> text, tip
SOURCES: Sources = {
    "original": ("Original", "The sound as it is"),
    "kept": ("Kept", "Only the segments that speak most for the answer"),
    "removed": ("Removed", "All but these segments, filled as the model saw it"),
    "heard": ("As heard", "What is left of the sound for the model"),
    "edited": ("Edited", "The excerpt as the brush left it"),
}
SPEED_STEP = 0.05


class TransportBar(QWidget):
    """Asks for everything that concerns hearing, and shows how things stand; it plays nothing itself.

    Its keys are actions of the widget, for the window they stand in: a command palette finds them in `actions()`.

    Parameters
    ----------
    sources
        What can be heard, each on a key from 1 on; none where there is but one sound.
    beside
        Controls of the page that stand beside the sources.
    """

    play_asked = Signal()               # play or pause
    stop_asked = Signal()
    loop_toggled = Signal(bool)
    seek_asked = Signal(float)          # seconds
    speed_changed = Signal(float)       # 0.5 to 1
    volume_changed = Signal(float)      # 0 to 1, 0 where muted
    source_chosen = Signal(str)         # a key of the sources
    match_level_toggled = Signal(bool)
    devices_asked = Signal()            # the menu opens: look which there are
    device_chosen = Signal(object)      # name, or None for the system's default

    def __init__(self, parent: QWidget | None = None, *, sources: Sources = SOURCES,
                 beside: Sequence[QWidget] = ()) -> None:
        super().__init__(parent)
        self._theme, self._playing, self._titles, self._beside = DARK, False, dict(sources), tuple(beside)
        self._play = self._button("Play", "Space", self.play_asked.emit)
        self._stop = self._button("Stop and go back", "Home", self.stop_asked.emit)
        self._loop = self._button("Loop the excerpt", "L", None, checkable=True)
        self._loop.toggled.connect(self.loop_toggled)
        self._time, self._duration = TimeField(), QLabel()
        self._time.entered.connect(self.seek_asked)
        self._sources = self._source_buttons()
        self._match = self._button("Match levels", "G", None, checkable=True)
        self._match.toggled.connect(self.match_level_toggled)
        self._speed, self._speed_reset = self._slider("Speed", 50, 100, 100), self._button("Speed back to 1×", "/",
                                                                                           self._reset_speed)
        self._speed.valueChanged.connect(self._speed_moved)
        self._volume, self._mute = self._slider("Volume", 0, 100, 100), self._button("Mute", "M", None,
                                                                                     checkable=True)
        self._volume.valueChanged.connect(self._volume_moved)
        self._mute.toggled.connect(self._muted)
        self._devices = self._device_button()
        self._add_action("Slower", ",", lambda: self._nudge(-SPEED_STEP))
        self._add_action("Faster", ".", lambda: self._nudge(SPEED_STEP))
        self._lay_out()
        self.set_duration(0.0)
        self.set_theme(DARK)

    # -- building

    def _add_action(self, text: str, key: str, done: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda checked: done())   # what asks takes no argument
        self.addAction(action)
        return action

    def _button(self, text: str, key: str, done: Callable[[], None] | None, *,
                checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setCheckable(checkable)
        button.setAccessibleName(text)
        button.setToolTip(f"{text} ({key})")
        if done:
            button.clicked.connect(lambda checked: done())
        self._add_action(text, key, button.click)
        return button

    def _source_buttons(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for number, (key, (text, tip)) in enumerate(self._titles.items(), 1):
            button = self._button(f"Hear: {text}", str(number), None, checkable=True)
            button.setText(text)
            button.setToolTip(f"{tip} ({number})")
            button.setProperty("source", key)
            group.addButton(button)
        for first in group.buttons()[:1]:
            first.setChecked(True)
        group.buttonClicked.connect(lambda button: self.source_chosen.emit(button.property("source")))
        return group

    def _slider(self, name: str, low: int, high: int, value: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(low, high)
        slider.setValue(value)
        slider.setSingleStep(5)
        slider.setPageStep(10)
        slider.setMinimumWidth(48)  # gives way where fonts are large
        slider.setMaximumWidth(80)
        slider.setAccessibleName(name)
        return slider

    def _device_button(self) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName("Sound device")
        button.setToolTip("Sound device")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        button.menu().aboutToShow.connect(self.devices_asked)
        return button

    def _lay_out(self) -> None:
        self.setAccessibleName("Transport")
        self._time.setAccessibleName("Position")
        self._time.setFont(tabular(self.font()))
        self._time.setFixedWidth(self._time.fontMetrics().horizontalAdvance("0:00:00.00") + 3 * SPACING)
        self._duration.setFont(tabular(self.font()))
        self._duration.setAccessibleName("Duration")
        self._speed_reset.setFont(tabular(self.font()))
        self._speed.setToolTip("Speed, pitch kept (, and .)")
        self._volume.setToolTip("Volume")
        segments = QFrame()
        together = QHBoxLayout(segments)
        together.setContentsMargins(0, 0, 0, 0)
        together.setSpacing(0)
        for button in self._sources.buttons():
            together.addWidget(button)
        if not self._titles:
            segments.hide()
            self._match.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        row.setSpacing(SPACING // 2)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self._play, self._stop, self._loop), (self._time, self._duration), (segments, *self._beside, self._match),
            (self._speed, self._speed_reset), (self._mute, self._volume, self._devices))
        for place, group in enumerate(groups):
            if place == 3:
                row.addStretch(1)
            elif place:
                row.addSpacing(2 * SPACING)
            for widget in group:
                row.addWidget(widget)
            if place == 3:
                row.addSpacing(2 * SPACING)

    # -- how things stand

    def show_state(self, *, playing: bool, looping: bool, speed: float, volume: float) -> None:
        """What the player does now. Emits nothing."""
        self._playing = playing
        with QSignalBlocker(self._loop), QSignalBlocker(self._speed), QSignalBlocker(self._volume):
            self._loop.setChecked(looping)
            self._speed.setValue(round(100 * speed))
            if not self._mute.isChecked():
                self._volume.setValue(round(100 * volume))
        self._draw_changing()

    def set_position(self, seconds: float) -> None:
        """What the ear hears now."""
        self._time.show_seconds(seconds)

    def set_duration(self, seconds: float) -> None:
        """Length of the song."""
        self._duration.setText(f"/ {time_text(seconds)}")

    def show_source(self, key: str) -> None:
        """What is heard, a key of the sources. Emits nothing."""
        self._source_button(key).setChecked(True)

    def enable_source(self, key: str, why_not: str = "") -> None:
        """Whether something can be heard: always, unless there is a reason why not, which the tooltip says."""
        button = self._source_button(key)
        button.setEnabled(not why_not)
        number = list(self._titles).index(key) + 1
        button.setToolTip(f"{self._titles[key][0]}: {why_not}" if why_not else f"{self._titles[key][1]} ({number})")
        button.setAccessibleDescription(why_not)

    def show_devices(self, names: Sequence[str], chosen: str | None, *, silent: bool = False) -> None:
        """What can play; `chosen` None for the system's default; `silent` where nothing plays for want of one."""
        menu = self._devices.menu()
        menu.clear()
        group = QActionGroup(menu)
        for name in (None, *names):
            action = menu.addAction("System default" if name is None else name)
            action.setCheckable(True)
            action.setChecked(name == chosen)
            action.triggered.connect(lambda checked=False, name=name: self.device_chosen.emit(name))
            group.addAction(action)
        where = "none, playing silently" if silent else chosen or "system default"
        self._devices.setToolTip(f"Sound device: {where}")
        self._devices.setAccessibleDescription(where)

    def set_theme(self, theme: Theme) -> None:
        """Icons and shapes in the colours of the theme."""
        self._theme = theme
        for button in (self._play, self._stop, self._loop, self._match, self._mute, self._devices):
            button.setIconSize(QSize(scaled(SIZE), scaled(SIZE)))
        for button, name in ((self._stop, "stop"), (self._loop, "loop"), (self._match, "level"),
                             (self._devices, "device")):
            button.setIcon(icon(name, theme))
        self._duration.setStyleSheet(f"color: {theme.muted}")
        self._time.setStyleSheet(f"QLineEdit:!focus {{ background: transparent; color: {theme.text};"
                                 " border-color: transparent; }")
        self._devices.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        last = len(self._sources.buttons()) - 1
        for place, segment in enumerate(self._sources.buttons()):
            left, right = 4 if place == 0 else 0, 4 if place == last else 0
            segment.setStyleSheet(f"QToolButton {{ border-radius: 0; padding: 4px 10px;"
                                 f" border-top-left-radius: {left}px; border-bottom-left-radius: {left}px;"
                                 f" border-top-right-radius: {right}px; border-bottom-right-radius: {right}px; }}"
                                 f" QToolButton:focus {{ padding: 3px 9px; }}"
                                 f" QToolButton:disabled {{ color: {theme.muted}; }}")
        self._draw_changing()

    def _draw_changing(self) -> None:
        """What changes with the state as well as with the theme."""
        text = "Pause" if self._playing else "Play"
        self._play.setIcon(icon(text.lower(), self._theme))
        self._play.setAccessibleName(text)
        self._play.setToolTip(f"{text} (Space)")
        self._mute.setIcon(icon("muted" if self._mute.isChecked() else "volume", self._theme))
        self._speed_reset.setText(f"{self._speed.value() / 100:.2f}×")

    # -- wishes

    def _source_button(self, key: str) -> QToolButton:
        place = list(self._titles).index(key)
        button = self._sources.buttons()[place]
        assert isinstance(button, QToolButton)
        return button

    def _speed_moved(self, value: int) -> None:
        self._draw_changing()
        self.speed_changed.emit(value / 100)

    def _nudge(self, by: float) -> None:
        self._speed.setValue(self._speed.value() + round(100 * by))

    def _reset_speed(self) -> None:
        self._speed.setValue(100)

    def _volume_moved(self, value: int) -> None:
        if self._mute.isChecked():
            self._mute.setChecked(False)   # tells the volume, too
        else:
            self.volume_changed.emit(value / 100)

    def _muted(self, muted: bool) -> None:
        self._draw_changing()
        self.volume_changed.emit(0.0 if muted else self._volume.value() / 100)
