"""The process that reads one PDF from standard input and writes its pages as a JSON list of texts.

Exit codes: 0 done, 3 no PDF that can be read, 4 a password is asked for, 5 too many pages, 6 too much text.
"""

from __future__ import annotations

import sys

import msgspec


def main(max_text: int, max_pages: int, max_memory: int) -> int:
    """Read, and give back the exit code."""
    _bound(max_memory)
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        return 4 if "password" in str(error).lower() else 3
    if len(pdf) > max_pages:
        return 5
    pages: list[str] = []
    left = max_text
    for k in range(len(pdf)):
        try:
            text = pdf[k].get_textpage().get_text_bounded()
        except pypdfium2.PdfiumError:
            text = ""
        left -= len(text)
        if left < 0:
            return 6
        pages.append(text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8"))
    sys.stdout.buffer.write(msgspec.json.encode(pages))
    return 0


def _bound(max_memory: int) -> None:
    """Let the system refuse memory beyond the bound, where it can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (max_memory, max_memory))


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:4])))
