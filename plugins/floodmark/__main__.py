"""``python -m floodmark``."""

from floodmark.cli import app

if __name__ == "__main__":
    app(prog_name="floodmark")
