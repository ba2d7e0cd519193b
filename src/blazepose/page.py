"""A web page in one file: style, tables and pictures inside, no script, no request to anybody."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from blazepose.shapes import UInt8

_STYLE = """
:root { color-scheme: light; --ink: #18161c; --quiet: #5c646e; --line: #d9dde2; --band: #f4f6f8;
  --bar: 8rem; }
* { box-sizing: border-box; }
body { max-width: 68rem; margin: 2.5rem auto 4rem; padding: 0 1.25rem; color: var(--ink);
  background: white; font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); break-after: avoid; }
p { max-width: 46rem; margin: .4rem 0 .8rem; }
.quiet, td.quiet { color: var(--quiet); }
.warn { border-left: 4px solid #d55e00; padding: .3rem .8rem; background: var(--band); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: middle;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--ink); }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.main td { background: var(--band); }
tr.main td:not(.quiet) { font-weight: 700; }
.bar { display: flex; align-items: center; gap: .5rem; }
.bar i { display: block; width: var(--bar); height: .8rem; background: var(--band); flex: none; }
.bar b { display: block; height: 100%; border: 1px solid #0004;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; }
.row > figure { flex: 1 1 24rem; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr));
  gap: 1.25rem; }
figure { margin: 0; break-inside: avoid; }
img { display: block; width: 100%; height: auto; }
figcaption { font-size: .85rem; line-height: 1.35; margin-top: .3rem; overflow-wrap: anywhere; }
.legend { break-after: avoid; }
.key { display: inline-block; width: 1.4rem; height: .6rem; margin: 0 .25rem 0 .8rem;
  border: 1px solid var(--ink); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print {
  @page { margin: 14mm; }
  body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
  .gallery { grid-template-columns: 1fr 1fr; }
  .row > figure { flex-basis: 40%; }
}
"""


def page(title: str, parts: Sequence[str], *, style: str = "") -> str:
    """The whole page from a title, pieces of HTML and what its style has beside ours."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; `kind` is "", "quiet" or "warn"."""
    return f'<p class="{kind}">{escape(text)}</p>'


def heading(text: str) -> str:
    """The title of a section."""
    return f"<h2>{escape(text)}</h2>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, main: int | None = None) -> str:
    """A table of cells that are HTML already, see `text` and `number`.

    Args:
        head: titles of the columns, plain text; one that starts with ">" is over numbers.
        rows: made by `text`, `number` and `bar`.
        main: the row that stands out.
    """
    titles = "".join(
        f'<th class="number">{escape(t[1:])}</th>' if t.startswith(">") else f"<th>{escape(t)}</th>"
        for t in head
    )
    body = "".join(
        f'<tr class="main">{"".join(row)}</tr>' if i == main else f"<tr>{''.join(row)}</tr>"
        for i, row in enumerate(rows)
    )
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>{body}</table></div>'


def text(value: str, kind: str = "") -> str:
    """A cell with words; `kind` is "" or "quiet"."""
    return f'<td class="{kind}">{escape(value)}</td>'


def number(value: str) -> str:
    """A cell with a number."""
    return f'<td class="number">{escape(value)}</td>'


def bar(share: float, colour: str, *, span: int = 1) -> str:
    """A cell with a share 0..1 as a bar and in per cent; empty for NaN."""
    if np.isnan(share):
        return f'<td colspan="{span}" class="quiet">not labelled</td>'
    inside = f'<i><b style="width:{100 * share:.1f}%;background:{colour}"></b></i>'
    return f'<td colspan="{span}"><div class="bar">{inside}{100 * share:.1f}</div></td>'


def key(colour: str, words: str) -> str:
    """What a colour means, for a line of text."""
    return f'<span class="key" style="background:{colour}"></span>{escape(words)}'


def svg_figure(svg: bytes, caption: str) -> str:
    """A drawing with its caption."""
    return _figure("image/svg+xml", svg, caption)


def photo_figure(image: UInt8[np.ndarray, "H W 3"], caption: str) -> str:
    """An RGB picture with its caption."""
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, format="JPEG", quality=85)
    return _figure("image/jpeg", stored.getvalue(), caption)


def _figure(kind: str, content: bytes, caption: str) -> str:
    data = base64.b64encode(content).decode("ascii")
    words = escape(caption)
    return (
        f'<figure><img src="data:{kind};base64,{data}" alt="{words}">'
        f"<figcaption>{words}</figcaption></figure>"
    )
