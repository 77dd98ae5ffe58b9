"""The MEI of a few bars, and what can be found in it."""

from xml.etree import ElementTree

from engine.folk.abc_text import parse
from engine.folk.mei import mei_of

HEAD = "X:1\nT:Test & <Trial>\nM:4/4\nL:1/8\nK:D\n"
NS = "{http://www.music-encoding.org/ns/mei}"


def mei(music, head=HEAD):
    text = head + music + "\n"
    return ElementTree.fromstring(mei_of(parse(text), text))


def found(root, tag):
    return [element for element in root.iter() if element.tag == NS + tag]
