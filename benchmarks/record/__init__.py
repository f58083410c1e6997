"""Benchmarks of the record: durable verified appends, audit of a large log, healing of absent members."""
