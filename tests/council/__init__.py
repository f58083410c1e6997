"""Tests of the council, told as stories."""
