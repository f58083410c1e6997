"""The words that report what somebody said, wanted or thought, by what may follow them.

    "said (that) we ..."   CLAUSE        "vowed to block ..."   INFINITIVE   "criticized the plan"  OBJECT
    "called for a ban"     PREPOSITION   "is expected to win"   SEEMING      "her claim that ..."   NOUNS

Each entry is a lemma. A verb counts only in a construction that it is listed for: "found the key" reports
nothing, "found that the key ..." does. The lists are ours, written from usage and pruned by how often a word
in its construction reports something in American news of 2015 and 2016. They hold English only.

What it does not do: look at a text (`attribution_clauses` does).
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Verbs of saying proper: they may stand with a quotation in marks and with an inverted subject ("said she").
SAYING: Final = _words(
    """
    acknowledge add admit advise affirm agree allege announce answer argue ask assert assure begin blog
    boast brag caution chant charge chime claim clarify comment complain concede conclude confess confirm
    contend continue counter cry deadpan declare demand deny disclose elaborate email emphasise emphasize
    exclaim explain fume inform inquire insist interject intone joke lament maintain message mock murmur
    muse mutter note observe opine plead pledge post predict proclaim promise pronounce propose protest
    query quip read recall recommend recount reiterate relate remark remind repeat reply report respond
    retort retweet reveal say scoff scream shout sigh sing snap state stress suggest swear tell testify text
    thunder tout tweet type underline urge vent volunteer vow warn whisper wish wonder write yell
    """
)

#: Verbs that take a clause: what is said, thought, found, shown, hoped.
CLAUSE: Final = SAYING | _words(
    """
    accept anticipate appreciate assume attest beg believe bemoan broadcast calculate certify cite command
    convince decide demonstrate detail determine direct discover dispute document doubt entreat envision
    estimate expect fear feel figure find forecast foresee gripe grumble guarantee guess highlight hint hope
    hypothesize imagine implore imply indicate insinuate instruct intimate judge learn mention notice order
    persuade point posit pray prefer print project publish question realise realize reason reckon recognise
    recognize regret rejoice remember request rule seek show signal specify speculate stipulate suppose
    surmise suspect theorize think threaten understand want worry
    """
)

#: Verbs that take an infinitive: what is wanted, promised, refused, asked for.
INFINITIVE: Final = _words(
    """
    advise agree aim ask beg call challenge claim command decide decline demand desire encourage expect hop
    hope instruct intend invite like look offer opt order plan pledge prefer profess promise propose
    recommend refuse request resolve seek swear threaten undertake urge volunteer vow want warn wish
    """
)

#: Verbs whose object is what is said or thought, or what it is about.
OBJECT: Final = _words(
    """
    abhor accuse acknowledge admire admit admonish advocate affirm allege announce applaud ask assail attack
    back bash belittle bemoan berate blame blast brand call castigate challenge champion characterise
    characterize chastise chide cite claim commend concede condemn confirm contest contradict criticise
    criticize declare decry deem defend demand denigrate denounce deny depict deplore deride describe
    despise detest disavow disclose discuss dismiss disparage dispute doubt dub echo embrace emphasize
    endorse envision espouse estimate excoriate explain express favor favour fear forecast hail hate
    highlight implore invoke issue label lambast lambaste lament lampoon laud liken list loathe mention mock
    name nickname note oppose outline paint paraphrase parrot pledge portray post praise preach predict
    prefer project promise propose question quote reaffirm rebuke rebut recall recommend recount reference
    refute regret reiterate reject remind renounce repeat reprimand repudiate request resent retell reveal
    ridicule salute satirize scold scorn seek show slam slight specify state stress suggest summarize
    support thank tout trash trumpet tweet underline underscore urge view vilify voice warn welcome write
    """
)

#: Verbs of judging: these report in the passive even without a "by": "was lambasted as ...".
JUDGING: Final = _words(
    """
    accuse applaud assail blame blast brand characterise characterize chide condemn criticise criticize
    denounce deride describe dismiss excoriate hail lambast lambaste laud mock portray praise rebuke regard
    ridicule slam view
    """
)

#: Verbs with a preposition: the two together report, and what follows them is what is said.
PREPOSITION: Final = {
    "accuse": _words("of"),
    "advocate": _words("for"),
    "agree": _words("on to with"),
    "allude": _words("to"),
    "apologise": _words("for"),
    "apologize": _words("for"),
    "approve": _words("of"),
    "argue": _words("against for"),
    "ask": _words("about for"),
    "back": _words("off"),
    "balk": _words("at"),
    "believe": _words("in"),
    "boast": _words("about of"),
    "brag": _words("about of"),
    "bristle": _words("at"),
    "call": _words("for on upon"),
    "campaign": _words("against"),
    "care": _words("about"),
    "comment": _words("about on"),
    "complain": _words("about of"),
    "disagree": _words("on with"),
    "disapprove": _words("of"),
    "dream": _words("of"),
    "elaborate": _words("on"),
    "expand": _words("on"),
    "focus": _words("on"),
    "gripe": _words("about"),
    "hint": _words("at"),
    "hop": _words("for"),
    "hope": _words("for"),
    "inquire": _words("about into"),
    "insist": _words("on"),
    "joke": _words("about"),
    "know": _words("of"),
    "lament": _words("over"),
    "lash": _words("at"),
    "look": _words("for"),
    "muse": _words("about"),
    "object": _words("to"),
    "opine": _words("on"),
    "plead": _words("for with"),
    "point": _words("at to"),
    "protest": _words("against"),
    "push": _words("for"),
    "rail": _words("against"),
    "refer": _words("to"),
    "remark": _words("on"),
    "respond": _words("to with"),
    "say": _words("about of"),
    "scoff": _words("at"),
    "side": _words("with"),
    "speak": _words("about against of"),
    "speculate": _words("about on"),
    "stand": _words("by"),
    "talk": _words("about of"),
    "testify": _words("about to"),
    "think": _words("about of"),
    "tweet": _words("about"),
    "urge": _words("on"),
    "vote": _words("against"),
    "vouch": _words("for"),
    "warn": _words("about against of"),
    "weigh": _words("on"),
    "worry": _words("about over"),
    "write": _words("about of"),
}

#: Verbs that report without saying who says so: "appears to ..."; and these in the passive: "is expected to
#: ...".
SEEMING: Final = _words(
    """
    appear seem
    """
)
SEEMING_PASSIVE: Final = _words(
    """
    allege believe consider deem estimate expect predict project report rumor rumour say suppose think
    """
)

#: Nouns with "that", "to" or "whether" after them.
NOUNS: Final = _words(
    """
    accusation acknowledgement acknowledgment admission advice allegation announcement argument assertion
    assumption belief claim comment commitment complaint concern conclusion confidence confirmation
    contention decision declaration demand denial desire fear hope insistence observation opinion perception
    pledge prediction promise proposal recommendation refusal remark reminder request revelation rumor
    rumour speculation statement suggestion threat view vow warning
    """
)

#: Nouns with a preposition after them.
NOUN_PREPOSITIONS: Final = {
    "account": _words("of"),
    "accusation": _words("of"),
    "allegation": _words("of"),
    "announcement": _words("of"),
    "attack": _words("on"),
    "call": _words("for"),
    "chant": _words("of"),
    "comment": _words("about on"),
    "complaint": _words("about of"),
    "concern": _words("about over"),
    "condemnation": _words("of"),
    "criticism": _words("for of"),
    "critique": _words("of"),
    "demand": _words("for"),
    "denial": _words("of"),
    "denunciation": _words("of"),
    "doubt": _words("about"),
    "endorsement": _words("of"),
    "fear": _words("about of"),
    "hope": _words("for of"),
    "mention": _words("of"),
    "objection": _words("to"),
    "opinion": _words("about of on"),
    "opposition": _words("to"),
    "position": _words("on"),
    "praise": _words("for of"),
    "promise": _words("of"),
    "proposal": _words("for"),
    "question": _words("about"),
    "reference": _words("to"),
    "rejection": _words("of"),
    "remark": _words("about on"),
    "stance": _words("on"),
    "statement": _words("about on"),
    "support": _words("for"),
    "warning": _words("about against of"),
}

#: Subjects that speak for themselves: what they say inside their own quotation is no report of another.
FIRST_PERSON: Final = _words("i we me us")

#: Forms of the verbs of saying that a rule without a parser can know: see `attribution_marks`.
IRREGULAR: Final = {
    "say": ("says", "said", "saying"), "tell": ("tells", "told", "telling"),
    "write": ("writes", "wrote", "written", "writing"), "swear": ("swears", "swore", "swearing"),
    "begin": ("begins", "began", "beginning"), "read": ("reads", "read", "reading"),
    "sing": ("sings", "sang", "singing"), "reply": ("replies", "replied", "replying"),
    "deny": ("denies", "denied", "denying"), "cry": ("cries", "cried", "crying"),
    "clarify": ("clarifies", "clarified", "clarifying"), "testify": ("testifies", "testified", "testifying"),
    "query": ("queries", "queried", "querying"), "admit": ("admits", "admitted", "admitting"),
    "quip": ("quips", "quipped", "quipping"), "snap": ("snaps", "snapped", "snapping"),
    "brag": ("brags", "bragged", "bragging"), "blog": ("blogs", "blogged", "blogging"),
}  # fmt: skip


def forms(lemma: str) -> tuple[str, ...]:
    """The forms of a verb of saying, in lower case: third person, past, participle, and the lemma itself."""
    if lemma in IRREGULAR:
        return (lemma, *IRREGULAR[lemma])
    if lemma.endswith("e"):
        return lemma, f"{lemma}s", f"{lemma}d", f"{lemma[:-1]}ing"
    es = "es" if lemma.endswith(("s", "sh", "ch", "x")) else "s"
    return lemma, f"{lemma}{es}", f"{lemma}ed", f"{lemma}ing"
