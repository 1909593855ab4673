"""`python -m engines`: the same experiments without a screen."""

from engines.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
