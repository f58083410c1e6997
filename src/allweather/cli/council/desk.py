"""The desk that a council command works at: the home itself, or the node that is running on it.

While a node runs, it alone may write its store; commands then speak to it over its local address with the
token that stands in the home. Either way the same action is previewed, signed and stored by `node.actions`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import msgspec

from allweather.cli.asking_node import ask_node
from allweather.cli.record.asking import now
from allweather.council.bodies import Expected, Taken
from allweather.council.forms import Body
from allweather.errors import InputError, Refused

if TYPE_CHECKING:
    from allweather.node.peers import RunningNode


@dataclass(frozen=True, slots=True)
class Apart:
    """What is to stand apart from an entry: a text, or a document."""

    content: bytes
    media_type: str = "text/plain"


class CouncilDesk(Protocol):
    """What a command can ask: a view by its name, a preview, a signature."""

    origin: str

    def view(self, name: str, at: int | None = None, **parameters: str) -> Any:
        """A view as JSON values. Raises UnknownName or Refused."""
        ...

    def words(self, name: str) -> dict[str, Any]:
        """The words of an act, those for this member and some others among them. Raises UnknownName."""
        ...

    def preview(self, body: Body, apart: Apart | None, audience: Sequence[str] = ()) -> dict[str, Any]:
        """What would be signed; with an audience (origins), for those members only. Raises Refused."""
        ...

    def sign(self, body: Body, apart: Apart | None, audience: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Sign it and keep it. Raises Refused."""
        ...

    def seal(
        self, round_ref: str, positions: Sequence[Taken], expectations: Sequence[Expected]
    ) -> list[dict[str, Any]]:
        """Seal positions and expectations for a round; the content stays here until it has closed."""
        ...

    def due(self) -> list[dict[str, Any]]:
        """Sign what the rules ask of this node: receipts, and seals of rounds that have closed."""
        ...


@contextmanager
def council_desk(
    home: Path, passphrase_file: Path | None, *, writes: bool, delegate: bytes | None = None
) -> Iterator[CouncilDesk]:
    """The desk of a home: over the node that runs on it, or directly."""
    from allweather.cli.desk import at_desk
    from allweather.node.home import find_home
    from allweather.node.peers import running_node

    found = find_home(home)
    node = running_node(home)
    if node is not None:
        if delegate is not None:
            raise Refused("a delegate signs at the desk: stop the node first, or use its pages")
        yield _NodeDesk(found.origin, home, node)
        return
    with at_desk(home, passphrase_file, writes=writes) as desk:
        from allweather.node.actions import Actions

        yield _HomeDesk(desk.home.origin, Actions(desk, now), delegate)


class _HomeDesk:
    def __init__(self, origin: str, actions: Any, delegate: bytes | None) -> None:
        self.origin = origin
        self._actions = actions
        self._delegate = delegate

    def view(self, name: str, at: int | None = None, **parameters: str) -> Any:
        from allweather.node.views import read_view

        return read_view(self._actions, name, parameters, at)

    def words(self, name: str) -> dict[str, Any]:
        from dataclasses import asdict

        from allweather.node.caucus import words_of

        found = words_of(self._actions.desk, self._actions.view().fold.find(name), "delegate")
        return asdict(found)

    def preview(self, body: Body, apart: Apart | None, audience: Sequence[str] = ()) -> dict[str, Any]:
        from allweather.node.showing import show_preview

        return show_preview(self._actions.preview(self._doing(body, apart, audience)))

    def sign(self, body: Body, apart: Apart | None, audience: Sequence[str] = ()) -> list[dict[str, Any]]:
        from allweather.node.accrediting import certification
        from allweather.node.showing import show_act

        more = certification(self._actions.desk, body) if self._delegate is None else ()
        return [show_act(act) for act in self._actions.sign(self._doing(body, apart, audience), more=more)]

    def seal(
        self, round_ref: str, positions: Sequence[Taken], expectations: Sequence[Expected]
    ) -> list[dict[str, Any]]:
        from allweather.node.duties import seal
        from allweather.node.showing import show_act

        return [
            show_act(act)
            for act in self._actions.sign(seal(self._actions, round_ref, positions, expectations))
        ]

    def due(self) -> list[dict[str, Any]]:
        from allweather.node.duties import DUTIES
        from allweather.node.showing import show_act

        doings = [doing for duty in DUTIES for doing in duty(self._actions)]
        return [show_act(act) for act in self._actions.sign(*doings)] if doings else []

    def _doing(self, body: Body, apart: Apart | None, audience: Sequence[str]) -> Any:
        from allweather.node.actions import Doing
        from allweather.node.caucus import confide

        doing = Doing(body, delegate=self._delegate, audience=tuple(audience))
        if apart is not None:
            doing = replace(doing, content=apart.content, media_type=apart.media_type)
        return confide(self._actions.desk, doing)


class _NodeDesk:
    def __init__(self, origin: str, home: Path, node: RunningNode) -> None:
        self.origin = origin
        self._home = home
        self._node = node

    def view(self, name: str, at: int | None = None, **parameters: str) -> Any:
        asked = dict(parameters) if at is None else {**parameters, "at": str(at)}
        try:
            query = urlencode(asked)
        except UnicodeEncodeError:
            raise InputError("what was typed holds bytes that are no UTF-8") from None
        return ask_node(self._home, self._node, "GET", f"/api/views/{name}?{query}")

    def words(self, name: str) -> dict[str, Any]:
        query = urlencode({"id": name})
        found: dict[str, Any] = ask_node(self._home, self._node, "GET", f"/api/words?{query}")
        return found

    def preview(self, body: Body, apart: Apart | None, audience: Sequence[str] = ()) -> dict[str, Any]:
        asked = _act(body, apart, audience)
        found: dict[str, Any] = ask_node(self._home, self._node, "POST", "/api/preview", asked)
        return found

    def sign(self, body: Body, apart: Apart | None, audience: Sequence[str] = ()) -> list[dict[str, Any]]:
        found = ask_node(self._home, self._node, "POST", "/api/acts", _act(body, apart, audience))
        acts: list[dict[str, Any]] = found["acts"]
        return acts

    def seal(
        self, round_ref: str, positions: Sequence[Taken], expectations: Sequence[Expected]
    ) -> list[dict[str, Any]]:
        asked = {
            "round": round_ref,
            "positions": msgspec.to_builtins(positions),
            "expectations": msgspec.to_builtins(expectations),
        }
        acts: list[dict[str, Any]] = ask_node(self._home, self._node, "POST", "/api/seals", asked)["acts"]
        return acts

    def due(self) -> list[dict[str, Any]]:
        raise Refused("the node that runs here signs by itself what is due")


def _act(body: Body, apart: Apart | None, audience: Sequence[str]) -> dict[str, Any]:
    from allweather.council.acts import fields_of

    found: dict[str, Any] = {"kind": body.KIND, "body": fields_of(body)}
    if apart is not None:
        found["media_type"] = apart.media_type
        found["data"] = base64.b64encode(apart.content).decode()
    if audience:
        found["audience"] = list(audience)
    return found
