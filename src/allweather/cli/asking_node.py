"""Asking the node that runs on a home, over its local address with the token that stands in the home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from allweather.errors import AllweatherError, InputError, Refused, StoreError, UnknownName

if TYPE_CHECKING:
    from allweather.node.peers import RunningNode
    from allweather.node.reaching import Way

_SECONDS = 60.0
_LIMIT = 2**28
_ERRORS: dict[int, type[AllweatherError]] = {404: UnknownName, 409: Refused, 503: StoreError}


def way_to_own(home: Path, runs: RunningNode) -> Way:
    """The way to the node of a home. Over TLS the certificate is the one that the node says it shows."""
    from allweather.node.reaching import Way

    certificate = home / "node.pem"
    return Way(
        runs.address,
        allow_plain=True,
        ca=certificate if certificate.is_file() else None,
        pinned=runs.certificate,
        wait=_SECONDS,
        longest=_SECONDS,
    )


def ask_node(home: Path, runs: RunningNode, method: str, path: str, body: Any = None) -> Any:
    """What the node answers, as JSON values.

    Raises the error that the node would have raised here: UnknownName, Refused, InputError, StoreError.
    """
    import msgspec

    way = way_to_own(home, runs)
    sent = {"Authorization": f"Bearer {runs.token}", "Content-Type": "application/json"}
    try:
        data = None if method == "GET" else msgspec.json.encode(body) if body is not None else b""
        code, answered = way.ask(method, path, data, _LIMIT, sent)
        answer = msgspec.json.decode(answered)
    except UnicodeEncodeError:
        raise InputError("what was typed holds bytes that are no UTF-8") from None
    except msgspec.DecodeError:
        raise InputError("what answers there is no node of this house", where=runs.address) from None
    finally:
        way.close()
    if code >= 400:
        sentence = str(answer.get("error", code)) if isinstance(answer, dict) else str(code)
        raise _ERRORS.get(code, InputError)(sentence)
    return answer
