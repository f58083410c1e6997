"""Allweather: a council for parties that do not trust each other, and its joint review.

Each room of the package says in its own docstring what it is for. Start with
`allweather.review.JointReview` (the analysis) and `allweather.formats.read` (its input).
"""

__version__ = "0.1.0"
