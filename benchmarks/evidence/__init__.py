"""Benchmarks of evidence: quotations found in reports, and copies of quotations that were altered."""
