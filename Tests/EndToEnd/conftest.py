import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2] / "deploy" / "lib")]
# The stories set these themselves where they matter.
for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
    os.environ.pop(name, None)

from harness import Gatehouse, Simulated  # noqa: E402


@pytest.fixture(scope="module")
def ollama():
    """One simulated Ollama for the stories of a file that do not harm it."""
    with Simulated() as server:
        yield server


@pytest.fixture(scope="module")
def gatehouse(ollama):
    """One Gatehouse before it, without keys."""
    with Gatehouse({"gpu1": ollama.port}) as server:
        yield server
