"""The second verifier, which is a file and no package, as a module."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_NAME = "second_verifier"


def load() -> ModuleType:
    """The module `verifier/verify.py`, loaded by its path, once."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    path = Path(__file__).parents[2] / "verifier" / "verify.py"
    spec = importlib.util.spec_from_file_location(_NAME, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
