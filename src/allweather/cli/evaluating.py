"""`allweather evaluate`: hide answers, predict them, and say how well that went."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from allweather.cli.asking import (
    Report,
    Span,
    as_of_option,
    blocs_option,
    progress_bar,
    read_source,
    sessions_option,
    source_argument,
    threads_option,
)

if TYPE_CHECKING:
    from allweather.positions import Bloc, Positions
    from allweather.review.heldout import Scores

#: With fewer hidden answers than this in all, the figures say little, and we say so.
FEW_HIDDEN = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One method on one seed's split."""

    method: str
    seed: int
    scores: Scores


@click.command(short_help="How well hidden answers are predicted: are there enough of them?")
@source_argument
@blocs_option
@as_of_option
@sessions_option
@click.option(
    "--seeds",
    type=Span(),
    default="0-2",
    show_default=True,
    help="The splits to average over; each hides another tenth of the answers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@threads_option
def evaluate(
    source: Path,
    blocs_file: Path | None,
    as_of: str | None,
    sessions: tuple[int, int] | None,
    seeds: tuple[int, int],
    as_json: bool,
    threads: int,
) -> None:
    """Hide a tenth of the answers in SOURCE, predict them from the rest, and set the prediction beside
    simple baselines: log-loss, accuracy, AUC, calibration error, and how many of the 90% intervals
    hold what they should.

    Agreement (a limited yes or more) is predicted against opposition; passes and abstentions are left
    out. Whether an answer is hidden depends only on the seed and the ids, so anyone can hide the same.
    """
    with progress_bar(Console(stderr=True)) as report:
        reading, blocs = read_source(source, sessions, as_of, blocs_file, lambda what: report(what, 0.0))
        current = reading.positions.current()
        rows: list[Row] = []
        for seed in range(seeds[0], seeds[1] + 1):
            rows += _evaluate_once(current, blocs, reading.conversation, seed, threads, report)
    if as_json:
        import msgspec

        plain = [{"method": row.method, "seed": row.seed, **asdict(row.scores)} for row in rows]
        click.echo(msgspec.json.format(msgspec.json.encode(plain), indent=1).decode())
    else:
        _print(reading.positions.title or reading.conversation, rows)


def _evaluate_once(
    current: Positions, blocs: tuple[Bloc, ...], conversation: str, seed: int, threads: int, report: Report
) -> list[Row]:
    from allweather.review import fit_for_prediction
    from allweather.review.baselines import BASELINES
    from allweather.review.estimator import check_answers
    from allweather.review.heldout import Way, hide, score

    check_answers(current, blocs)
    split = hide(current, seed, conversation, Way.TWO_WAY)
    kept, hidden = current.take(split.kept), current.take(split.hidden)
    agreed = split.outcome[split.hidden] == 1
    member, question = hidden.member, hidden.question

    def said(what: str, share: float) -> None:
        report(f"seed {seed}: {what}", share)

    model = fit_for_prediction(kept, blocs, seed=seed, n_threads=threads, report=said)
    rows = [Row("joint review", seed, score(model.agree_prob(member, question), agreed, question))]
    for name, fit in BASELINES.items():
        said(f"baseline {name}", 0.0)
        rows.append(Row(name, seed, score(fit(kept).predict(member, question), agreed, question)))
    return rows


def _print(title: str, rows: list[Row]) -> None:
    screen = Console()
    table = Table(title=None, box=None, pad_edge=False, header_style="bold")
    table.add_column("method")
    for head in ("log-loss", "accuracy", "AUC", "ECE", "coverage of 90%"):
        table.add_column(head, justify="right")
    methods = list(dict.fromkeys(row.method for row in rows))
    for method in methods:
        scores = [row.scores for row in rows if row.method == method]
        with_auc = [one.auc for one in scores if one.auc is not None]
        table.add_row(
            method,
            f"{_mean([one.log_loss for one in scores]):.3f}",
            f"{_mean([one.accuracy for one in scores]):.3f}",
            f"{_mean(with_auc):.3f}" if with_auc else "-",
            f"{_mean([one.ece for one in scores]):.3f}",
            f"{_mean([one.coverage for one in scores]):.0%}" if method == methods[0] else "-",
        )
    seeds = sorted({row.seed for row in rows})
    n_hidden = sum(row.scores.n_hidden for row in rows if row.method == methods[0])
    screen.print(
        f"{title}: {n_hidden} hidden answers over {len(seeds)} splits", markup=False, highlight=False
    )
    screen.print(table)
    screen.print(_advice(rows, methods[0], n_hidden), highlight=False, markup=False)


def _advice(rows: list[Row], ours: str, n_hidden: int) -> str:
    """One sentence on whether there are enough answers."""
    mean = {
        method: _mean([row.scores.log_loss for row in rows if row.method == method])
        for method in dict.fromkeys(row.method for row in rows)
    }
    best = min((method for method in mean if method != ours), key=lambda method: mean[method])
    gain = mean[best] - mean[ours]
    if n_hidden < FEW_HIDDEN:
        return f"Only {n_hidden} answers were hidden: too few to tell how well others would be predicted."
    if gain <= 0:
        return (
            f"The baseline {best!r} predicts as well: these answers are too few, or hold no more than that."
        )
    return f"Better than the best baseline ({best}) by {gain:.3f} nats an answer."


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
