"""Small documents of each format, made here."""

from __future__ import annotations

import zlib

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Mayor seeks thaw - The Gull</title>
<meta property="og:site_name" content="The Gull">
<meta property="article:published_time" content="2009-09-18T10:00:00Z">
<script>var a = "<p>not text</p>";</script></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav>
<div class="share-bar">Share this on every network</div>
<div id="content"><h1>Mayor seeks thaw</h1><div class="story">
<p>OSLO &mdash; The town and the port must set aside
   old quarrels, Mayor Ida Holm&#8217;s office said.</p>
<p>&quot;We need the port as a partner in this work,&quot; she <b>said</b> on Friday.</p>
<figure><img src="a"><figcaption>Holm speaks to a full hall in Oslo on Friday evening.</figcaption></figure>
<p>She proposed one joint survey of the coast, to be held before the winter.</p></div></div>
<aside><p>Ten other things that you may like to read about the town and its port today.</p></aside>
<footer>Copyright 2009 by The Gull and its many partners and friends</footer></body></html>"""

VERBATIM = """The meeting was called to order at 10 a.m.

The President: I call on the representative of Norway.

Mr. Lind (Norway): We welcome the report. Its author said that the work goes on.

Mrs. Diallo (Guinea) (spoke in French): My delegation agrees.
"""

TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="da">
<teiHeader><fileDesc><titleStmt><title>Møde 5</title></titleStmt>
<sourceDesc><bibl><date when="2009-10-06"/></bibl></sourceDesc></fileDesc>
<profileDesc><particDesc><listPerson>
<person xml:id="AndersenPia"><persName><forename>Pia</forename><surname>Andersen</surname></persName></person>
</listPerson></particDesc></profileDesc></teiHeader>
<text><body><div><note>Åbent møde</note>
<u who="#AndersenPia" ana="#chair"><seg>Mødet er åbnet &amp; sat.</seg>
<note>(klapsalver)</note><seg>Vær så god.</seg></u>
<u who="#OlsenBo" ana="#regular"><seg>Tak for ordet.</seg></u></div></body></text></TEI>
"""


def pdf(*pages: str, packed: bytes | None = None) -> bytes:
    """A small PDF with a line of text a page, or one page of a packed content stream."""
    streams = [f"BT /F1 12 Tf 40 700 Td ({page}) Tj ET".encode() for page in pages]
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for stream in [packed] if packed is not None else streams:
        number = len(parts) + 1
        kids.append(f"{number} 0 R")
        parts.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources "
            b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>" % (number + 1)
        )
        extra = b" /Filter /FlateDecode" if packed is not None else b""
        parts.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(stream), extra, stream))
    parts[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out, places = b"%PDF-1.4\n", []
    for k, part in enumerate(parts):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (k + 1, part)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(parts) + 1, table, len(parts) + 1, len(out))
    )


def bomb(n_bytes: int) -> bytes:
    """A PDF whose one page unpacks to so many bytes."""
    squeezer = zlib.compressobj(9)
    block = b"0 0 m " * 10_000
    packed = b"".join(squeezer.compress(block) for _ in range(n_bytes // len(block))) + squeezer.flush()
    return pdf(packed=packed)
