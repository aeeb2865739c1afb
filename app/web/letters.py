"""Letters, written from templates: `mail/KIND.txt`, whose first line is the subject, and `mail/KIND.html`."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request

from app.actions import mail
from app.domain.errors import Invalid
from app.domain.mail import Letter
from app.web.deps import Db
from app.web.language import LANGUAGES, language_of
from app.web.render import Templates
from app.web.texts import Translated, texts


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """`path` is that of the page that accepts it; `inviter` is empty where nobody signed in invited."""

    path: str
    organisation: str
    inviter: str
    expires_at: datetime.datetime

    kind = "invitation"


@dataclass(frozen=True, slots=True)
class ResetLetter:
    """`path` is that of the page where a new password is chosen."""

    path: str
    expires_at: datetime.datetime

    kind = "reset"


@dataclass(frozen=True, slots=True)
class SecondFactorLetter:
    """An account's second factor was switched `on`, or off; `path` is that of the account's page."""

    path: str
    at: datetime.datetime
    on: bool

    kind = "second_factor"


@dataclass(frozen=True, slots=True)
class PasswordLetter:
    """The password of an account was changed; `path` is that of the page where its holder asks for another one."""

    path: str
    at: datetime.datetime

    kind = "password"


@dataclass(frozen=True, slots=True)
class TryoutLetter:
    """`path` is that of the page with the deliveries."""

    path: str

    kind = "test"


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """What is to be answered; `path` is that of the assessment's page."""

    team: str
    system: str
    path: str


@dataclass(frozen=True, slots=True)
class ReminderLetter:
    """`path` is that of the page where it begins; `more` counts what is asked beyond the lines. Nothing of any answer.

    `unsubscribe` is the path of the page where its reader ends reminders.
    """

    path: str
    organisation: str
    cycle: str
    rubric: str
    due_on: datetime.date
    overdue: bool
    lines: Sequence[ReminderLine]
    more: int
    unsubscribe: str

    kind = "reminder"


@dataclass(frozen=True, slots=True)
class MentionLetter:
    """`person` mentioned the reader in a comment on a statement of a team; `path` is that of the comments.

    What was said stands only there, where the rule of who may see it is asked.
    """

    path: str
    person: str
    team: str
    statement: str

    kind = "mention"


AnyLetter = (
    InvitationLetter | ResetLetter | SecondFactorLetter | PasswordLetter | TryoutLetter | ReminderLetter | MentionLetter
)


class Letters:
    """Writes letters. `able`: whether there is a mail server and a public address, so that one can be sent at all."""

    def __init__(self, templates: Templates, public_url: str, *, able: bool) -> None:
        self.able = able and bool(public_url)
        self._public_url = public_url
        self.templates = templates
        self._plains: dict[str, Environment] = {}

    def write(self, words: AnyLetter, language: str | None = None) -> Letter:
        """The letter, in English where no language of ours is named.

        Invalid where mail is not set up: links follow the public address, and never the Host header.
        """
        if not self.able:
            raise Invalid(
                "Mail is not set up on this server. It needs SHORTSTAVE_MAIL_URL and SHORTSTAVE_PUBLIC_URL; ask "
                "whoever runs it."
            )
        shown = {"letter": words, "link": self._public_url + words.path, "service": self._public_url}
        language = language if language in LANGUAGES else LANGUAGES[0]
        subject, _, text = self._plain(language).get_template(f"mail/{words.kind}.txt").render(shown).partition("\n")
        html = self.templates[language].get_template(f"mail/{words.kind}.html").render(language=language, **shown)
        ends = self._public_url + words.unsubscribe if isinstance(words, ReminderLetter) else ""
        return Letter(subject, text.strip() + "\n", html, ends)

    def _plain(self, language: str) -> Environment:
        """For plain text, which is not escaped: that is decided when a template is compiled, so it is kept apart."""
        if language not in self._plains:
            plain = self.templates[language].overlay(autoescape=False)
            plain.globals = {**plain.globals, **plain_words(texts(language))}
            self._plains[language] = plain
        return self._plains[language]


def letters_of(request: Request) -> Letters:
    letters: Letters = request.app.state.letters
    return letters


def send_letter(
    request: Request,
    db: Db,
    to: str,
    words: AnyLetter,
    now: datetime.datetime,
    reason: str,
    organisation_id: int | None,
    language: str | None = None,
) -> bool:
    """Send a letter if this transaction commits, where mail is set up; whether it is. See `mail.send`.

    It is in the language that its reader chose, where that is known, else in that of who has it sent.
    """
    letters = letters_of(request)
    if letters.able:
        letter = letters.write(words, language or language_of(request))
        mail.send(db, organisation_id, to, letter, f"{words.kind} {reason}", now)
    return letters.able


def plain_words(texts: Translated) -> dict[str, Callable[..., str]]:
    """`_` and `ngettext` for templates of plain text."""

    def gettext(text: str, /, **values: object) -> str:
        found: str = texts.gettext(text)
        return found % values if values or "%%" in found else found

    def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
        found: str = texts.ngettext(one, many, num)
        return found % {"num": num, **values}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}
