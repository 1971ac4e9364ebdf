"""``python -m printstd``: the command line, where its script is not on the PATH."""

from printstd.cli.main import main

if __name__ == "__main__":
    main()
