"""Reviews to draw: a council with every verdict, a consultation, and one without any sides.

Built by hand from the result types, so that what is drawn does not depend on what is computed.
"""

from __future__ import annotations

import dataclasses
import math
import random

from allweather.positions import UNDATED, Basis, Body, Member, Note, Positions, Question, Response, Source
from allweather.review.results import (
    AskNext,
    Cell,
    Clusters,
    Condition,
    Consensus,
    Difference,
    Dimension,
    DimensionEvidence,
    Gain,
    Interval,
    Map,
    MapPoint,
    MapQuestion,
    Method,
    Objector,
    OpenCell,
    OpenQuestion,
    Package,
    Packages,
    Party,
    PartyKind,
    PartySupport,
    PolisStatement,
    PolisView,
    QuestionReview,
    Review,
    Verdict,
)

MEMBERS = (
    Member("RU", "Russia"),
    Member("US", "United States"),
    Member("DE", "Germany"),
    Member("PL", "Poland"),
    Member("NO", "Norway"),
    Member("LT", "Lithuania"),
    Member("IS", "Iceland"),
)
QUESTIONS = (
    ("F1", "The council should keep meeting and talking through disputes; a quarrel is a reason to meet."),
    ("T1", "Share warning data on hijacked aircraft along the common border."),
    (
        "D1",
        "Combine missile-defence sensors under a joint centre, each side keeping its own launch decision.",
    ),
    ("W1", "Вернуться к договору об обычных силах в Европе на основе параллельных действий."),
    ("F9", "Negotiate a new, legally binding treaty on European security."),
    ("M2", "在海上搜救与反海盗行动中建立常设联络机制。"),
    ("S2", "Gemeinsame Ausbildung von Spezialisten zur Drogenbekämpfung in Zentralasien fortsetzen."),
    ("Z9", "Publish, every year, a joint list of all exercises above brigade strength."),
)
R = Response
# (member, question, response, basis, text, sources)
ENTRIES = (
    (
        "RU",
        "F1",
        R.SUPPORT,
        Basis.OWN,
        "The president called the meetings necessary above all in bad times.",
        ("s1",),
    ),
    (
        "US",
        "F1",
        R.SUPPORT,
        Basis.OWN,
        "The secretary pressed for resuming meetings at all levels.",
        ("s2", "s3"),
    ),
    ("DE", "F1", R.SUPPORT, Basis.COMMON, "Joined the ministers' text of March.", ("s3",)),
    ("PL", "F1", R.CONSENT, Basis.COMMON, "Joined the ministers' text of March.", ("s3",)),
    ("NO", "F1", R.SUPPORT, Basis.INFERRED, "Hosted the working group twice.", ()),
    ("RU", "T1", R.SUPPORT, Basis.OWN, "Signed the pilot agreement.", ("s1",)),
    ("PL", "T1", R.SUPPORT, Basis.OWN, "Runs the coordination centre in Warsaw.", ("s4",)),
    ("NO", "T1", R.SUPPORT, Basis.OWN, "Runs the local unit in Bodø.", ("s4",)),
    (
        "RU",
        "D1",
        R.CONDITIONAL,
        Basis.OWN,
        "Ready, if the architecture is drawn up together from the start.",
        ("s1",),
    ),
    ("US", "D1", R.SUPPORT, Basis.OWN, "Offers to link the radars.", ("s2",)),
    ("LT", "D1", R.RESERVE, Basis.OWN, "Asks that coverage of its own territory comes first.", ("s5",)),
    ("RU", "W1", R.CONDITIONAL, Basis.OWN, "Если фланговые ограничения будут сняты.", ("s1",)),
    ("DE", "W1", R.SUPPORT, Basis.OWN, "Proposes parallel steps.", ()),
    ("RU", "F9", R.SUPPORT, Basis.OWN, "Tabled the draft treaty itself.", ("s1",)),
    ("US", "F9", R.OPPOSE, Basis.OWN, "Shared aims are better pursued in the existing bodies.", ("s2",)),
    ("LT", "F9", R.OPPOSE, Basis.INFERRED, "<b>Reported</b> to see no need. =1+1", ("s5",)),
    ("DE", "F9", R.MIXED, Basis.OWN, "Open to talk, not to a text.", ()),
    ("US", "M2", R.SUPPORT, Basis.OWN, "Naval attachés meet already.", ("s2",)),
    ("RU", "S2", R.SUPPORT, Basis.OWN, "Trains officers at Domodedovo.", ("s1",)),
    ("DE", "S2", R.SUPPORT, Basis.COMMON, "Joined the project's founding text.", ("s3",)),
    ("NO", "S2", R.ABSTAIN, Basis.OWN, "Takes no part.", ()),
)
SOURCES = {
    "s1": Source(
        "s1", "Speech of the president", "https://example.org/ru?a=1&b=2", "2009-09-18", "statement"
    ),
    "s2": Source("s2", "Briefing <script>alert(1)</script>", "http://example.org/us", "2009-03-05", "press"),
    "s3": Source("s3", "Ministers' text", "https://example.org/text", "2009-03-05", "text"),
    "s4": Source("s4", "Programme leaflet", "Programme leaflet, spring 2009", "2009", "report"),
    "s5": Source("s5", "Interview", "javascript:alert(1)", "c.2009", "press", "heard, not read"),
}


def interval(mean: float, half: float, low: float = 0.0, high: float = 1.0) -> Interval:
    return Interval(round(mean, 4), round(max(low, mean - half), 4), round(min(high, mean + half * 0.8), 4))


def council_positions() -> Positions:
    place = {one.id: k for k, one in enumerate(MEMBERS)}
    asked = {one: k for k, (one, _) in enumerate(QUESTIONS)}
    return Positions.from_columns(
        MEMBERS,
        [Question(one, text, "forum" if one.startswith("F") else "work") for one, text in QUESTIONS],
        [place[e[0]] for e in ENTRIES],
        [asked[e[1]] for e in ENTRIES],
        [int(e[2]) for e in ENTRIES],
        known_by=[14_505 if k % 5 else UNDATED for k in range(len(ENTRIES))],
        basis=[int(e[3]) for e in ENTRIES],
        title="Council of 7",
        notes={
            k: Note(e[4], "2009-09" if k % 3 else "", "high", "statement", e[5])
            for k, e in enumerate(ENTRIES)
        },
        sources=SOURCES,
    )


PARTIES = (
    Party("nato", "Allies", PartyKind.BLOC, ("US", "DE", "PL", "NO", "LT", "IS")),
    Party("ru", "Russia", PartyKind.BLOC, ("RU",)),
)
_COUNCIL = {
    "F1": (Verdict.CONVERGES, 0.93, 0.98, "Support on record in both blocs, nobody against."),
    "T1": (Verdict.CONVERGES, 0.88, 0.99, "Support on record in both blocs, nobody against."),
    "D1": (
        Verdict.NEARLY,
        0.71,
        0.83,
        "Support in both blocs, but for Russia's condition and Lithuania's reserve.",
    ),
    "W1": (Verdict.NEARLY, 0.78, 0.8, "Support in both blocs, with a condition of Russia."),
    "F9": (Verdict.DIFFERS, 0.24, 0.99, "Russia supports it; the United States and Lithuania oppose."),
    "M2": (Verdict.NOT_KNOWN, 0.7, 0.66, "Russia is not on record."),
    "S2": (Verdict.NOT_KNOWN, 0.69, 0.97, "Only two of six allies are on record."),
    "Z9": (Verdict.NOT_KNOWN, 0.58, 0.55, "Nobody is on record."),
}


def _on_record(question: str) -> dict[str, tuple[int, Response, Basis]]:
    return {e[0]: (k, e[2], e[3]) for k, e in enumerate(ENTRIES) if e[1] == question}


def _party_support(party: Party, question: str, mean: float) -> PartySupport:
    held = [(r, b) for m, (_, r, b) in _on_record(question).items() if m in party.members]

    def n_of(*which: Response) -> int:
        return sum(r in which for r, _ in held)

    def by(basis: Basis) -> int:
        return sum(b is basis for _, b in held)

    silent = len(party.members) - len(held)
    return PartySupport(
        party.id,
        interval(mean, 0.02 + 0.3 * silent / len(party.members)),
        n_of(R.SUPPORT),
        n_of(R.CONDITIONAL, R.CONSENT),
        n_of(R.RESERVE, R.MIXED, R.ABSTAIN),
        n_of(R.OPPOSE),
        n_of(R.PASS),
        silent,
        by(Basis.OWN),
        by(Basis.INFERRED),
        by(Basis.COMMON),
    )


def _question(rank: int, question: str) -> QuestionReview:
    verdict, allies, russia, reason = _COUNCIL[question]
    held = _on_record(question)
    parties = (_party_support(PARTIES[0], question, allies), _party_support(PARTIES[1], question, russia))
    least = min(parties, key=lambda one: one.support.mean)
    against = [
        Objector(m, Interval(1.0, 1.0, 1.0), False, "opposes on record", k)
        for m, (k, r, _) in held.items()
        if r is R.OPPOSE
    ] + [Objector("PL", interval(0.31, 0.25), True, "expected to side with Lithuania", None)]
    return QuestionReview(
        question=question,
        rank=rank,
        verdict=verdict,
        against=False,
        reason=reason,
        n_answers=len(held),
        support=interval((6 * allies + russia) / 7, 0.12),
        least_party=least.party,
        least_support=least.support,
        bridging=interval(allies * 0.97, 0.15),
        split=interval(abs(allies - russia), 0.14),
        parties=parties,
        consensus=Consensus(
            interval(allies * 0.8, 0.1),
            interval(allies * 0.45, 0.16),
            verdict is not Verdict.NOT_KNOWN,
            tuple(against),
        ),
        conditions=tuple(
            Condition(m, ENTRIES[k][4], k) for m, (k, r, _) in held.items() if r is R.CONDITIONAL
        ),
        hold_outs=("LT",) if question in {"D1", "F9"} else (),
        rests_on=tuple(k for k, _, _ in held.values()),
        ask="" if verdict is Verdict.CONVERGES else f"Ask Poland where it stands on {question}.",
    )


def _cells() -> tuple[Cell, ...]:
    cells = []
    for i, member in enumerate(MEMBERS):
        for j, (question, _) in enumerate(QUESTIONS):
            held = _on_record(question).get(member.id)
            if held:
                k, response, basis = held
                cells.append(Cell(member.id, question, response.name.lower(), basis.name.lower(), k, None))
            else:
                mean = 0.35 + 0.5 * ((i * 5 + j * 3) % 8) / 8
                cells.append(Cell(member.id, question, None, None, None, interval(mean, 0.22)))
    return tuple(cells)


METHOD = Method(
    model="ordinal probit with ideal points",
    fitted_dimensions=2,
    n_draws=2_000,
    n_chains=4,
    n_sweeps=1_200,
    seed=0,
    threshold=0.66,
    doubt=Interval(0.5, 0.1, 0.9),
    largest_rhat=1.008,
    least_effective_draws=812.0,
    assumptions=("A member's own record comes before a common text.", "Silence is not an answer."),
)


def council_review(*, title: str = "Council of 7", n_dimensions: int = 1) -> Review:
    where = {"RU": 1.9, "US": -0.9, "DE": 0.3, "PL": -1.2, "NO": -0.1, "LT": -1.5, "IS": -0.3}
    points = tuple(
        MapPoint(
            one.id,
            tuple(
                Interval(
                    where[one.id] * (1 - 0.6 * d),
                    where[one.id] * (1 - 0.6 * d) - 0.7 - 0.1 * d,
                    where[one.id] * (1 - 0.6 * d) + 0.6,
                )
                for d in range(n_dimensions)
            ),
            sum(e[0] == one.id for e in ENTRIES),
            "ru" if one.id == "RU" else "nato",
        )
        for one in MEMBERS
    )
    return Review(
        title=title,
        body="council",
        n_members=7,
        n_questions=8,
        n_answers=21,
        n_passes=0,
        parties=PARTIES,
        questions=tuple(_question(k + 1, one) for k, (one, _) in enumerate(QUESTIONS)),
        map=Map(
            n_dimensions,
            "The record supports one dimension: it runs from allies in the east to Russia.",
            (
                DimensionEvidence(1, 0.412, Interval(0.031, 0.008, 0.055), True),
                DimensionEvidence(2, 0.415, Interval(-0.003, -0.021, 0.014), False),
            ),
            tuple(Dimension(("F9",), ("D1", "W1")) for _ in range(n_dimensions)),
            points,
            tuple(
                MapQuestion(q, tuple(Interval(0.4, -0.2, 1.1) for _ in range(n_dimensions)))
                for q, _ in QUESTIONS
            ),
        ),
        clusters=Clusters(False, "No groups stand apart with a gap between them.", (), tuple(where), None),
        differences=(
            Difference("F9", interval(0.75, 0.15), "ru", "nato", ("RU",), ("DE",), ("US", "LT"), ()),
            Difference(
                "D1",
                interval(0.12, 0.1),
                "ru",
                "nato",
                ("US",),
                ("LT",),
                (),
                (Condition("RU", ENTRIES[8][4], 8),),
            ),
        ),
        packages=Packages(
            "One package leaves every member better off than no deal.",
            "members",
            0.0,
            ("US on F9", "LT on F9"),
            ("F9",),
            (
                Package(
                    "least gain",
                    ("F1", "D1", "T1"),
                    Interval(0.41, -0.12, 0.9),
                    tuple(
                        Gain(
                            m.id,
                            interval(0.4 + 0.3 * k, 0.5, -9, 9),
                            0.97 - 0.04 * k,
                            ("F1", "T1"),
                            ("D1",) if m.id in {"LT", "RU"} else (),
                            k % 3,
                        )
                        for k, m in enumerate(MEMBERS)
                    ),
                    True,
                ),
            ),
        ),
        ask_next=AskNext(
            "One more answer is still worth asking for: 0.021 nats on average.",
            0.021,
            (
                OpenCell("RU", "M2", 0.31, interval(0.66, 0.3)),
                OpenCell("PL", "S2", 0.18, interval(0.7, 0.25)),
                OpenCell("IS", "Z9", 0.12, interval(0.5, 0.4)),
            ),
            (OpenQuestion("Z9", 7, 0.034), OpenQuestion("M2", 6, 0.028)),
        ),
        cells=_cells(),
        polis=None,
        method=METHOD,
    )


def bare_review() -> Review:
    """No dimensions, no clusters, no parties, no packages, nothing to ask."""
    review = council_review(title="")
    everyone = Party("all", "everybody", PartyKind.SIDE, tuple(one.id for one in MEMBERS))
    return dataclasses.replace(
        review,
        parties=(),
        questions=tuple(
            dataclasses.replace(one, parties=(), least_party="", hold_outs=(), consensus=None, conditions=())
            for one in review.questions
        ),
        map=Map(
            0,
            "There is no evidence of sides.",
            (DimensionEvidence(1, 0.44, Interval(-0.01, -0.03, 0.01), False),),
            (),
            tuple(MapPoint(one.id, (), 3, "") for one in MEMBERS),
            (),
        ),
        clusters=Clusters(False, "No groups found.", (), everyone.members, None),
        differences=(),
        packages=Packages("There is nothing to trade.", "sides", 0.0, (), (), ()),
        ask_next=AskNext("Asking more would teach nothing.", 0.0, (), ()),
        cells=(),
    )


def _most(one: QuestionReview) -> str:
    return max(one.parties, key=lambda party: party.support.mean).party


def consultation(n_members: int = 300, n_questions: int = 50, n_parties: int = 3) -> tuple[Positions, Review]:
    """A consultation with a view by Polis' method. Deterministic."""
    dice = random.Random(20090918)
    members = [Member(str(k), "") for k in range(n_members)]
    texts = [
        "Whoever carries passengers for money insures them, whatever the app is called.",
        "计程车与网约车应当适用同一套费率规则，并公开给所有乘客。",
        "Der Nachtbus soll auch am Wochenende jede halbe Stunde fahren.",
        "Hello",
        "Keep a strip of every beach closed while the terns are breeding, and say so on a sign.",
    ]
    questions = [Question(str(k), f"{texts[k % len(texts)]} ({k})") for k in range(n_questions)]
    side = [dice.randrange(n_parties) for _ in members]
    lean = [[min(0.97, max(0.03, dice.gauss(0.6, 0.25))) for _ in range(n_parties)] for _ in questions]
    rows = [
        (
            i,
            j,
            int(
                R.PASS if dice.random() < 0.1 else R.SUPPORT if dice.random() < lean[j][side[i]] else R.OPPOSE
            ),
        )
        for i in range(n_members)
        for j in range(n_questions)
        if dice.random() < 0.3
    ]
    positions = Positions.from_columns(
        members,
        questions,
        [r[0] for r in rows],
        [r[1] for r in rows],
        [r[2] for r in rows],
        body=Body.CONSULTATION,
        title="A consultation",
    )
    parties = tuple(
        Party(
            f"c{g}",
            f"Cluster {'ABCDEF'[g]}",
            PartyKind.CLUSTER,
            tuple(str(i) for i in range(n_members) if side[i] == g),
        )
        for g in range(n_parties)
    )
    asked = []
    for j, q in enumerate(questions):
        support = tuple(
            PartySupport(
                p.id,
                interval(lean[j][g], 0.02 + 0.1 * dice.random()),
                20,
                0,
                0,
                8,
                3,
                len(p.members) - 31,
                31,
                0,
                0,
            )
            for g, p in enumerate(parties)
        )
        least = min(support, key=lambda one: one.support.mean)
        gap = max(one.support.mean for one in support) - least.support.mean
        low = least.support.low
        verdict = (
            Verdict.CONVERGES
            if low > 0.6
            else Verdict.NEARLY
            if low > 0.5
            else Verdict.DIFFERS
            if gap > 0.4
            else Verdict.NOT_KNOWN
        )
        asked.append(
            QuestionReview(
                q.id,
                0,
                verdict,
                False,
                f"The least supportive party is at {least.support.mean:.0%}.",
                90,
                interval(sum(lean[j]) / n_parties, 0.05),
                least.party,
                least.support,
                interval(least.support.mean, 0.08),
                interval(gap, 0.08),
                support,
                None,
                (),
                (least.party,) if verdict is Verdict.NEARLY else (),
                (),
                "" if verdict is Verdict.CONVERGES else "Ask more of cluster A.",
            )
        )
    order = list(Verdict)
    asked.sort(key=lambda one: (order.index(one.verdict), -one.least_support.low))
    asked = [dataclasses.replace(one, rank=k + 1) for k, one in enumerate(asked)]
    polis_order = sorted(range(n_questions), key=lambda j: (-math.prod(lean[j]) * dice.uniform(0.6, 1.4), j))
    points = []
    for i in range(n_members):
        angle = 2 * math.pi * side[i] / n_parties
        x, y = math.cos(angle) + dice.gauss(0, 0.5), math.sin(angle) + dice.gauss(0, 0.5)
        points.append(MapPoint(str(i), (interval(x, 0.5, -9, 9), interval(y, 0.6, -9, 9)), 30, f"c{side[i]}"))
    first = [one.question for one in asked]
    return positions, Review(
        title="A consultation",
        body="consultation",
        n_members=n_members,
        n_questions=n_questions,
        n_answers=len(rows),
        n_passes=sum(r[2] == R.PASS for r in rows),
        parties=parties,
        questions=tuple(asked),
        map=Map(
            2,
            "Two dimensions predict held-out answers better than one.",
            (
                DimensionEvidence(1, 0.38, Interval(0.05, 0.04, 0.06), True),
                DimensionEvidence(2, 0.36, Interval(0.02, 0.01, 0.03), True),
                DimensionEvidence(3, 0.36, Interval(0.0, -0.004, 0.005), False),
            ),
            (Dimension((first[0], first[1]), (first[-1],)), Dimension((first[2],), (first[-2], first[-3]))),
            tuple(points),
            tuple(MapQuestion(q.id, (Interval(0.5, 0.1, 0.9), Interval(0.1, -0.2, 0.5))) for q in questions),
        ),
        clusters=Clusters(True, f"{n_parties} clusters with a gap between them.", parties, ("3", "5"), 0.93),
        differences=tuple(
            Difference(one.question, one.split, _most(one), one.least_party, (), (), (), ())
            for one in asked
            if one.verdict is Verdict.DIFFERS
        ),
        packages=Packages(
            "Two packages.",
            "clusters",
            0.0,
            (),
            (),
            (
                Package(
                    "least gain",
                    tuple(first[:5]),
                    Interval(1.2, 0.9, 1.5),
                    tuple(
                        Gain(p.id, Interval(1.2, 0.9, 1.5), 1.0, tuple(first[:3]), tuple(first[3:5]), 0)
                        for p in parties
                    ),
                    True,
                ),
                Package(
                    "Nash product",
                    tuple(first[:7]),
                    Interval(1.0, 0.6, 1.5),
                    tuple(
                        Gain(p.id, Interval(1.3, 0.6, 1.9), 0.99, tuple(first[:5]), tuple(first[5:7]), 2)
                        for p in parties
                    ),
                    False,
                ),
            ),
        ),
        ask_next=AskNext(
            "More answers would still teach.", 0.01, (), tuple(OpenQuestion(q, 210, 0.02) for q in first[-5:])
        ),
        cells=(),
        method=METHOD,
        polis=PolisView(
            3,
            (120, 100, 80),
            0.31,
            tuple(
                PolisStatement(str(j), round(math.prod(lean[j]), 4), k + 1, (0, 2) if k < 5 else ())
                for k, j in enumerate(polis_order)
            ),
        ),
    )
