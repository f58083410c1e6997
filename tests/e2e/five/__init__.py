"""Five real node processes in bad weather, by seed: nothing acknowledged is lost, and all come to the same.

`homes` makes five members once and copies them; `process` starts, cuts, kills and asks their nodes; `plan`
draws from a seed who suffers what and when; `story` lets members act and writes down what it saw; `oracle`
says from that, by COUNCIL.md and nothing else, what each silence must have come to; `trial` runs a seed and
compares.

    python -m tests.e2e.five --seeds 0-199
"""
