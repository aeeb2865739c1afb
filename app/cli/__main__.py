"""`python -m app.cli`, for where the console script is not installed."""

from app.cli import app

if __name__ == "__main__":
    app(prog_name="shortstave")
