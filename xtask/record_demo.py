#!/usr/bin/env python3
"""Records `cargo run --release -- demo` as an animated SVG.

    cargo build --release && python3 xtask/record_demo.py docs/demo.svg

The demo runs in a pseudo-terminal, and the SVG shows what it printed, when it printed it. Needs Python 3.9 or
newer, and nothing else.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from html import escape

COMMAND = ["cargo", "run", "--release", "--", "demo"]
COLUMNS, ROWS = 156, 40  # the demo prints tables of a fixed width
FRAME_SECONDS = 0.25  # shortest time between two frames
HOLD_SECONDS = 6.0  # how long the last frame stays
CHARACTER_WIDTH, LINE_HEIGHT, MARGIN = 8.4, 18, 16

TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+|\x1b")


class Screen:
    """What a terminal shows, for the control sequences that progress displays use."""

    def __init__(self, first_line):
        self.lines = [first_line, ""]
        self.row, self.column = 1, 0

    def feed(self, text):
        for token in TOKEN.finditer(text):
            if token.group(2):
                self.control(token.group(2), token.group(1))
            elif token.group() == "\r":
                self.column = 0
            elif token.group() == "\n":
                self.row += 1
            elif token.group() != "\x1b":
                self.write(token.group())
            while self.row >= len(self.lines):
                self.lines.append("")

    def control(self, name, parameters):
        number = int(parameters) if parameters.isdigit() else 0
        line = self.lines[self.row]
        if name == "A":
            self.row = max(0, self.row - max(1, number))
        elif name == "B":
            self.row += max(1, number)
        elif name == "G":
            self.column = max(0, number - 1)
        elif name == "K":
            self.lines[self.row] = "" if number == 2 else line[: self.column]
        elif name == "J":
            self.lines[self.row] = line[: self.column]
            del self.lines[self.row + 1 :]

    def write(self, text):
        for character in text:
            if self.column == COLUMNS:
                self.row, self.column = self.row + 1, 0
                while self.row >= len(self.lines):
                    self.lines.append("")
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1

    def view(self):
        lines = [line.rstrip() for line in self.lines]
        while lines and not lines[-1]:
            lines.pop()
        return tuple(lines[-ROWS:])


def record():
    """Runs the demo and returns its frames as (seconds, lines), or exits with the demo's exit code."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm"
        os.environ["CARGO_TERM_COLOR"] = "never"
        os.execvp(COMMAND[0], COMMAND)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen = Screen("$ " + " ".join(COMMAND))
    frames, start, rest = [(0.0, screen.view())], time.monotonic(), b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # how Linux reports the end of a pseudo-terminal
            chunk = b""
        if not chunk:
            break
        # A character or sequence may be cut at the end of a chunk.
        text, rest = split(rest + chunk)
        screen.feed(text)
        now = time.monotonic() - start
        if now - frames[-1][0] < FRAME_SECONDS and len(frames) > 1:
            frames[-1] = (frames[-1][0], screen.view())
        elif screen.view() != frames[-1][1]:
            frames.append((now, screen.view()))
    screen.feed(rest.decode(errors="replace"))
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if code != 0:
        sys.exit(f"error: {' '.join(COMMAND)} ended with exit code {code}:\n" + "\n".join(screen.view()))
    return frames + [(time.monotonic() - start, screen.view())]


def split(data):
    """The text that is complete, and the bytes that may continue."""
    end = len(data)
    escape_at = data.rfind(b"\x1b")
    if escape_at >= 0 and not re.match(rb"\x1b\[[0-9;?]*[A-Za-z]", data[escape_at:]):
        end = escape_at
    while end and data[:end].decode(errors="ignore").encode() != data[:end]:
        end -= 1
    return data[:end].decode(), data[end:]


def svg(frames):
    """An animation of the frames, side by side on a strip that moves by whole frames."""
    width = round(COLUMNS * CHARACTER_WIDTH + 2 * MARGIN)
    height = max(len(lines) for _, lines in frames) * LINE_HEIGHT + 2 * MARGIN
    total = frames[-1][0] + HOLD_SECONDS
    steps = [f"{100 * at / total:.2f}%{{transform:translateX({-index * width}px)}}" for index, (at, _) in enumerate(frames)]
    steps.append(f"100%{{transform:translateX({-(len(frames) - 1) * width}px)}}")
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        "<title>Terminal recording of cargo run --release -- demo</title>",
        "<style>",
        "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d6deeb;white-space:pre}",
        f"#strip{{animation:play {total:.2f}s step-end infinite}}",
        f"@keyframes play{{{''.join(steps)}}}",
        f"@media(prefers-reduced-motion:reduce){{#strip{{animation:none;transform:translateX({-(len(frames) - 1) * width}px)}}}}",
        "</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#0b1622"/>',
        '<g id="strip">',
    ]
    for index, (_, lines) in enumerate(frames):
        for row, line in enumerate(lines):
            if line:
                x, y = index * width + MARGIN, MARGIN + (row + 0.75) * LINE_HEIGHT
                length = f' textLength="{len(line) * CHARACTER_WIDTH:.1f}"'
                out.append(f'<text x="{x}" y="{y:.1f}"{length} xml:space="preserve">{escape(line, quote=False)}</text>')
    return "\n".join(out + ["</g>", "</svg>", ""])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: record_demo.py FILE.svg")
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(svg(record()))
