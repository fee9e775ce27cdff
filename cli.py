"""Launcher for a checkout that is not installed: ``python cli.py scan alp``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from darkdump.cli import main

if __name__ == "__main__":
    main()
