"""The command line: arguments in, one function call, print."""

import typer

from app.cli.rubrics import rubrics
from app.cli.scores import advise, score
from app.cli.server import register

app = typer.Typer(no_args_is_help=True, help="MLOps maturity self-assessment for teams and whole organisations.")
app.command()(score)
app.command()(advise)
app.add_typer(rubrics, name="rubric")
register(app)
