"""Benchmarks of the council: folding a large record, how soon an act is seen, the local API under load."""
