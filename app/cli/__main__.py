"""`python -m app.cli`: what the console command `shortstave` runs, from a checkout."""

from app.cli import app

app(prog_name="shortstave")
