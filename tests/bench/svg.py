"""Plots of positive numbers as SVG, on logarithmic axes."""
from math import ceil, floor, log10
from xml.sax.saxutils import escape

COLOURS = "#333333", "#d62728", "#1f77b4", "#9bc4e2", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#aaaaaa"
LEFT, TOP, WIDTH, HEIGHT, LEGEND, ROW = 190, 40, 560, 320, 130, 20


class Axis:
    """Places a number between two pixels."""

    def __init__(self, values, start, end):
        low, high = log10(min(values)), log10(max(values))
        room = max(0.02, (high - low) / 20)
        self.low, self.high, self.start, self.end = low - room, high + room, start, end

    def at(self, value):
        return self.start + (self.end - self.start) * (log10(value) - self.low) / (self.high - self.low)

    def ticks(self):
        """Powers of ten, and between them twice and five times that unless there are many."""
        steps = (1, 2, 5) if self.high - self.low < 3 else (1,)
        powers = range(floor(self.low), ceil(self.high) + 1)
        return [step * 10.0**k for k in powers for step in steps if self.low <= log10(step * 10.0**k) <= self.high]


def label(value):
    return f"{value:g}" if value < 10**5 else f"10^{log10(value):g}"


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def line(x1, y1, x2, y2, colour="#ddd"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def dot(x, y, colour):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def below(axis, ticks, bottom):
    """The axis of x, with lines up to the top."""
    for value in ticks:
        yield line(axis.at(value), TOP, axis.at(value), bottom)
        yield text(axis.at(value), bottom + 16, label(value), "middle")


def picture(title, peers, height, parts):
    """All of it, with a legend of the peers at the right."""
    right = LEFT + WIDTH
    legend = []
    for k, peer in enumerate(peers):
        legend += [dot(right + 20, TOP + ROW * k, COLOURS[k % len(COLOURS)]), text(right + 32, TOP + ROW * k + 4, peer)]
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{right + LEGEND}" height="{height}" '
                      'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
                      text(LEFT, 20, title, more='font-size="14"'), *parts, *legend, "</svg>", ""])


def dots(title, peers, values):
    """A row for each benchmark, with a dot for each peer. values: {row: {peer: number}}."""
    bottom = max(TOP + ROW * len(values), TOP + ROW * len(peers))
    x = Axis([1, *(value for row in values.values() for value in row.values())], LEFT, LEFT + WIDTH)
    parts = [*below(x, x.ticks(), bottom), line(x.at(1), TOP, x.at(1), bottom, "#333")]
    for k, (name, row) in enumerate(values.items()):
        y = TOP + ROW * (k + 0.5)
        parts += [text(LEFT - 8, y + 4, name, "end"), *(dot(x.at(row[p]), y, colour(peers, p)) for p in peers if p in row)]
    return picture(title, peers, bottom + 30, parts)


def lines(title, peers, curves):
    """A curve for each peer. curves: {peer: [(x, y), ...]}."""
    points = [point for curve in curves.values() for point in curve]
    x = Axis([point[0] for point in points], LEFT, LEFT + WIDTH)
    y = Axis([point[1] for point in points], TOP + HEIGHT, TOP)
    parts = list(below(x, sorted({point[0] for point in points}), TOP + HEIGHT))
    for value in y.ticks():
        parts += [line(LEFT, y.at(value), LEFT + WIDTH, y.at(value)), text(LEFT - 8, y.at(value) + 4, label(value), "end")]
    for peer, curve in curves.items():
        places = [(x.at(a), y.at(b)) for a, b in curve]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        parts += [f'<polyline points="{path}" fill="none" stroke="{colour(peers, peer)}" stroke-width="1.5"/>',
                  *(dot(a, b, colour(peers, peer)) for a, b in places)]
    return picture(title, peers, TOP + HEIGHT + 30, parts)


def colour(peers, peer):
    return COLOURS[peers.index(peer) % len(COLOURS)]
