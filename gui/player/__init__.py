"""What is heard: sources of sound, one transport, one output.

    player -> keeper -> outputs -> transport -> timing -> voice -> sources

- `sources`    where samples come from, on the time line of the song
- `voice`      one source from one moment on: looped, stretched, resampled
- `timing`     which frame the ear hears, and which time of the song that is
- `transport`  what is heard when; pure, without thread or device
- `outputs`    the sound device, or a silent clock in its place
- `keeper`     opens the output, sees it vanish, finds it again
- `player`     the one face of it all for pages and views
"""

from gui.player.outputs import DeviceError, Output, PortAudio, SilentClock
from gui.player.player import Player
from gui.player.sources import FileSource, Source, WaveformSource

__all__ = ["DeviceError", "FileSource", "Output", "Player", "PortAudio", "SilentClock", "Source",
           "WaveformSource"]
