"""What a reader sees of a review: the page, the drawings, the tables, the summary in the terminal.

    files = render_files(review, positions, Context(title="Council of 29", as_of="2009-09-18"))
    write_files(files, "out/")
    rich.print(terminal_summary(review, positions, width=100))

Takes a `Review` and the `Positions` that were reviewed, and changes neither. Keeps nothing and
judges nothing: every figure comes from the review, every record from the positions. The same review
gives the same bytes. Only `write_files` touches a disk.
"""

from allweather.report.context import Conflict, Context, Deal
from allweather.report.page import headline, render_files, render_page
from allweather.report.terminal import terminal_summary
from allweather.report.writing import write_files

__all__ = [
    "Conflict",
    "Context",
    "Deal",
    "headline",
    "render_files",
    "render_page",
    "terminal_summary",
    "write_files",
]
