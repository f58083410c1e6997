"""Cooperation, told as stories: who promises what, who accepts, what is reported, who steps out."""
