"""State machines as data: what can follow what, and why. Documents and pages draw them; tests walk them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """From one state to another, and what brings it about."""

    source: str
    target: str
    by: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What an item of the agenda, a draft, a decision goes through. The first state is the start."""

    name: str
    states: tuple[str, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        known = set(self.states)
        assert all({step.source, step.target} <= known for step in self.steps), self.name

    def follows(self, source: str, target: str) -> bool:
        """Whether one state can come right after another."""
        return any((step.source, step.target) == (source, target) for step in self.steps)
