"""Tests of the council's commands."""
