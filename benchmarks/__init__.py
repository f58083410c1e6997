"""Benchmarks: one command a subject, with peers in the same run. See README.md here."""
