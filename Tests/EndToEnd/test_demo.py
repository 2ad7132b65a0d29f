"""The demonstration of the gate is a story too: it must go as it says."""
import subprocess
import sys
from pathlib import Path

from harness import BINARY

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "lib" / "demo.py"


def test_every_step_of_the_demonstration_is_as_it_must_be():
    done = subprocess.run([sys.executable, DEMO, BINARY], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("Every step was as it must be."), done.stdout[-2000:]
