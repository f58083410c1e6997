"""The benchmark of the joint review: `python -m benchmarks.review`.

    conversations   the real consultations, read once a process
    simulated       structure-free and planted data, with their truth
    peers           red-dwarf, run for real where it is installed
    figures         what a section of results holds: tables and targets, met or missed
    prediction, passes, late, nulls, planted, halves, stability, speed
                    one section each
    report          RESULTS.md and results.json from the sections
    __main__        which sections to run, with what effort

Every figure in RESULTS.md comes from a run; targets are compared by `figures.Target`, not by hand.
"""
