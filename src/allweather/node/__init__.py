"""One member's node: its home, keys and clock, the fold of what it holds, and the only way to write.

This is where drivers, keys and the rules of the pure rooms are joined. Doors call `actions` to write and read
views; nothing else in the house signs.
"""
