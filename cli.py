"""Runs printstd from a checkout: ``python cli.py validate part.stl``."""

from printstd.cli.main import main

if __name__ == "__main__":
    main()
