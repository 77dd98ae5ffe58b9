"""Looks and behaviour of a report's page. Both are named by their hashes in its content security policy."""

from __future__ import annotations

CSS = """
:root { color-scheme: light dark; --paper: #fff; --raised: #f4f5f7; --text: #1c2128; --muted: #545d6a;
  --line: #d3d8df; --positive: #c65d00; --negative: #1f5fa8; --accent: #0b7a6e; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --paper: #1a1e25; --raised: #252b34; --text: #e7eaf0;
  --muted: #a3adbb; --line: #3b4350; --positive: #f5a35c; --negative: #6fb1ff; --accent: #5cc8b8;
  --on-accent: #06231f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0 0 .4rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 .5rem; font-size: 1.25rem; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
.lead { margin: 0; max-width: none; overflow-wrap: anywhere; }
.muted, figcaption, caption, .cite { color: var(--muted); }
.sounds { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(14.5rem, 1fr)); }
.sound { margin: 0; padding: .9rem 1rem 1rem; background: var(--raised); border-radius: .6rem;
  display: flex; flex-direction: column; }
.sound h3, .sound h4 { margin: 0; font-size: 1rem; }
.sound p { margin: .1rem 0 .7rem; font-size: .9rem; color: var(--muted); flex: 1; }
.sound audio { width: 100%; }
.map { display: block; width: 100%; height: 15rem; background: var(--raised); border-radius: .6rem; }
.segment { cursor: pointer; }
.segment rect { stroke: var(--text); stroke-opacity: .25; }
.segment.top rect { stroke-opacity: 1; stroke-width: 2; }
.segment:hover rect, .segment:focus rect, .segment.playing rect { stroke: var(--accent); stroke-opacity: 1;
  stroke-width: 4; }
.segment:focus { outline: none; }
.segment text { fill: var(--text); stroke: var(--paper); stroke-width: 4; paint-order: stroke; font-weight: 700;
  text-anchor: middle; pointer-events: none; }
.for rect, .bar.for { fill: var(--positive); }
.against rect, .bar.against { fill: var(--negative); }
.cursor { stroke: var(--accent); stroke-width: 2; visibility: hidden; }
.scale { display: flex; justify-content: space-between; font-size: .85rem; color: var(--muted); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
caption { text-align: left; padding-bottom: .4rem; font-size: .9rem; }
th, td { padding: .32rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; }
th:first-child, td:first-child { padding-left: .2rem; }
.left { text-align: left; }
.words th, .words td { text-align: left; white-space: normal; overflow-wrap: anywhere; vertical-align: top; }
.words th { width: 11rem; }
.wrap th, .wrap td { white-space: normal; }
tr.top td, tr.top th { font-weight: 600; }
tr.playing { background: var(--raised); }
.rank { display: inline-block; width: 1.5em; line-height: 1.5em; border-radius: 50%; text-align: center;
  background: var(--text); color: var(--paper); font-size: .8rem; font-weight: 700; }
.axis { stroke: var(--muted); }
button { font: inherit; color: var(--on-accent); background: var(--accent); border: 0; border-radius: .35rem;
  padding: .1rem .7rem; cursor: pointer; }
button:focus-visible, audio:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
.trust { display: grid; grid-template-columns: 11rem 6rem 1fr; gap: .7rem 1.2rem; margin: 0; }
.trust dt { font-weight: 600; }
.trust dd { margin: 0; }
.trust .value { text-align: right; font-weight: 600; }
.cite { font-size: .88rem; }
pre { white-space: pre-wrap; overflow: auto; max-height: 32rem; padding: .9rem 1rem; background: var(--raised);
  border-radius: .6rem; font: .85rem/1.5 ui-monospace, monospace; }
a { color: var(--accent); }
nav ol { margin: 1rem 0; padding-left: 1.6rem; }
.result { margin-top: 3.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
.result h2 { margin: 0 0 .4rem; font-size: 1.5rem; overflow-wrap: anywhere; }
.result h3 { margin: 2.25rem 0 .5rem; font-size: 1.15rem; }
img { display: block; width: 100%; height: auto; border-radius: .6rem; }
figure { margin: 0; }
@media (max-width: 40rem) { .trust { grid-template-columns: 1fr auto; } .trust .why { grid-column: 1 / -1; } }
@media print { audio, button { display: none; } pre { max-height: none; } }
"""

# Without the script the sounds keep the browser's own controls, and only the map cannot be clicked.
SCRIPT = """
"use strict";
const players = [...document.querySelectorAll("audio")];
function cursorOf(player) {
  return (player.closest(".result") || document).querySelector(".cursor");
}
function follow(player, cursor) {
  const seconds = Number(player.dataset.from) + player.currentTime;
  const x = `${100 * seconds / Number(cursor.dataset.seconds)}%`;
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  cursor.style.visibility = player.paused ? "hidden" : "visible";
  if (!player.paused) requestAnimationFrame(() => follow(player, cursor));
}
function mark(player, playing) {
  for (const element of document.querySelectorAll(`[data-sound="${player.id}"]`))
    element.classList.toggle("playing", playing);
}
for (const player of players) {
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
    mark(player, true);
    const cursor = cursorOf(player);
    if (cursor) follow(player, cursor);
  });
  for (const event of ["pause", "ended"]) player.addEventListener(event, () => mark(player, false));
}
function play(id) {
  const player = document.getElementById(id);
  player.currentTime = 0;
  player.play();
}
for (const button of document.querySelectorAll("button[data-plays]")) {
  button.hidden = false;
  document.getElementById(button.dataset.plays).hidden = true;
  button.addEventListener("click", () => play(button.dataset.plays));
}
for (const segment of document.querySelectorAll(".segment")) {
  segment.addEventListener("click", () => play(segment.dataset.sound));
  segment.addEventListener("keydown", event => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    play(segment.dataset.sound);
  });
}
"""
