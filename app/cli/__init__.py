"""The command line: arguments in, one function call, print."""

import typer

from app.cli.rubrics import rubrics
from app.cli.scores import advise, score
from app.cli.server import register
from app.cli.tokens import tokens
from app.cli.users import users

app = typer.Typer(no_args_is_help=True, help="MLOps maturity self-assessment for teams and whole organisations.")
app.command()(score)
app.command()(advise)
register(app)
app.add_typer(rubrics, name="rubric")
app.add_typer(users, name="user")
app.add_typer(tokens, name="token")
register(app)
