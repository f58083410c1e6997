"""What an audit found, as typed results: log by log, in figures and in sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_SHOWN = 50
"""Sentences of one kind that are kept of one log; all are counted."""


@dataclass(slots=True)
class Findings:
    """Sentences: what does not hold, and what is to be shown. `n_problems` and `n_notices` count them all."""

    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    n_problems: int = 0
    n_notices: int = 0

    def problem(self, sentence: object) -> None:
        """Something does not hold."""
        self.n_problems += 1
        if len(self.problems) < MAX_SHOWN:
            self.problems.append(str(sentence))

    def notice(self, sentence: object) -> None:
        """Something is to be shown."""
        self.n_notices += 1
        if len(self.notices) < MAX_SHOWN:
            self.notices.append(str(sentence))


@dataclass(slots=True)
class AuditedFace:
    """One face whose entries lead to the root of its checkpoint. `n_standing` of its first entries stand.

    `cosigners` are members and the times (seconds since 1970) of their cosignatures on its head.
    """

    number: int
    size: int
    root: bytes
    n_standing: int = 0
    n_unreadable: int = 0
    n_delegated: int = 0
    cosigners: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class AuditedLog:
    """What was found of one log. `card` is the SHA-256 of its card's text, as members pin it.

    `n_heads` counts the heads of this log that others saw or cosigned, and that it has.
    """

    origin: str
    card: bytes = b""
    is_pinned: bool = False
    n_successions: int = 0
    is_contested: bool = False
    is_two_faced: bool = False
    n_disputed: int = 0
    faces: list[AuditedFace] = field(default_factory=list)
    n_payloads: int = 0
    n_redacted: int = 0
    n_missing: int = 0
    n_cosignatures: int = 0
    n_heads: int = 0
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True, slots=True)
class Audit:
    """The result. `digest` is that of the standing: equal records have equal digests."""

    logs: tuple[AuditedLog, ...]
    findings: Findings
    digest: str

    @property
    def holds(self) -> bool:
        """Whether no problem was found."""
        return not self.findings.n_problems and not any(log.findings.n_problems for log in self.logs)
