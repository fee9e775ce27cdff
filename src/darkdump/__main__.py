"""``python -m darkdump``."""

from darkdump.cli import main

main()
