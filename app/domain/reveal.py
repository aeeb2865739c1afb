"""Blind, then reveal: the one rule of who may see whose answers.

Every page, endpoint, export and query that shows an answer of a respondent's own sheet, its value, note or evidence,
or anything worked out from them (a level, a comparison, an agreement), asks here first. *That* somebody was asked, has
begun or has submitted is no answer, and everybody who sees the team may know it.

In a cycle of mode alone first nobody sees the answers of anybody else, unless all of this is so:

- that other person has submitted: a draft is seen by its author only, for ever;
- the viewer answered alone too and has submitted, or leads the team and the answers are revealed;
- a viewer who was asked and has not submitted sees nobody's, lead or not, revealed or not.

Admins, managers, viewers of the team and service tokens have no part in it: they see what the team agrees.
"""

from dataclasses import dataclass
from typing import Self

from app.domain.cycles import Mode
from app.domain.people import Actor, Place


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `person` is None for whoever is nobody of this team: an admin, a manager, a service token."""

    person: int | None
    leads: bool = False

    @classmethod
    def of(cls, actor: Actor, place: Place) -> Self:
        """The actor as seen from the team: its members and leads, as far as they may see it at all."""
        leads = place.team_id in actor.leads
        if not actor.may_see_team(place) or not (leads or place.team_id in actor.member_of):
            return cls(None)
        return cls(actor.person_id, leads)


@dataclass(frozen=True, slots=True)
class Alone:
    """How far an assessment is on its way from own sheets to an agreed one.

    `asked` are its respondents, less those who were deactivated before they submitted; `submitted` may hold leavers.
    `revealed` is kept once it happened, and does not end: it cannot be unseen.
    """

    mode: Mode
    asked: frozenset[int]
    submitted: frozenset[int] = frozenset()
    revealed: bool = False
    agreed: bool = False

    def may_see_own_sheet(self, of: int, viewer: Viewer) -> bool:
        """Whoever's it is; others as the rule at the top says. Answering together has no own sheets to see."""
        if self.mode is Mode.TOGETHER:
            return False
        return viewer.person == of or (of in self.submitted and self._sees_others(viewer))

    def sheets_seen(self, viewer: Viewer) -> frozenset[int]:
        """Whose own sheets the viewer may see, the viewer's own included: the filter of every query of answers."""
        everybody = self.asked | self.submitted
        return frozenset(each for each in everybody if self.may_see_own_sheet(each, viewer))

    def may_compare(self, viewer: Viewer) -> bool:
        """The page of the reveal, with every submitted sheet, the disagreements and the agreement: once revealed."""
        return self.mode is Mode.ALONE_FIRST and self.revealed and self._sees_others(viewer)

    def may_see_what_others_add(self, viewer: Viewer) -> bool:
        """Comments and evidence that others put beside a statement tell what they think of it: seen as answers are.

        Once the answers are revealed they belong to the agreed sheet, which `may_see_agreed_sheet` speaks of.
        """
        return self.may_see_agreed_sheet() or self._sees_others(viewer)

    def whose_additions_are_seen(self, viewer: Viewer) -> frozenset[int] | None:
        """The people whose comments and evidence the viewer may see; None is everybody's. One's own are always seen.

        Before the reveal what somebody puts beside their draft is part of it, and seen when they have submitted.
        """
        if self.may_see_agreed_sheet():
            return None
        own = frozenset() if viewer.person is None else frozenset({viewer.person})
        return own | self.submitted if self.may_see_what_others_add(viewer) else own

    def may_add(self, person: int) -> bool:
        """Whether somebody who may answer may put comments and evidence beside statements.

        Before the reveal those who were asked, beside their own sheet; nobody once the result is agreed.
        """
        return not self.agreed and (self.may_see_agreed_sheet() or person in self.asked | self.submitted)

    def may_see_agreed_sheet(self) -> bool:
        """Everybody who may see the team, once there is one: at once together, alone first after the reveal."""
        return self.mode is Mode.TOGETHER or self.revealed or self.agreed

    def may_change_agreed_sheet(self) -> bool:
        """From when it may be seen until it is agreed; who may change it is a right of the team."""
        return self.may_see_agreed_sheet() and not self.agreed

    def may_change_own_sheet(self, person: int) -> bool:
        """A respondent may, and may submit it. Not once they have, since others show then; nor after the reveal."""
        alone = self.mode is Mode.ALONE_FIRST and not self.revealed and not self.agreed
        return alone and person in self.asked and person not in self.submitted

    def may_ask_more(self) -> bool:
        """Whether more people may be asked: nobody answers alone what is revealed."""
        return self.mode is Mode.ALONE_FIRST and not self.revealed and not self.agreed

    def may_reveal(self, viewer: Viewer) -> bool:
        """The lead may end the answering before all have submitted; there must be something to reveal.

        A lead who was asked submits first: otherwise they would end it to see, and have answered nothing themselves.
        """
        answered = viewer.person not in self.asked or viewer.person in self.submitted
        return self.may_ask_more() and viewer.leads and bool(self.submitted) and answered

    def is_to_be_revealed(self, *, cycle_closed: bool = False) -> bool:
        """Whether the answers reveal themselves now: all who were asked have submitted, or the cycle is closed.

        To be asked after each submission, each change of who is asked, and the closing of the cycle.
        """
        if not self.may_ask_more() or not self.submitted:
            return False
        return cycle_closed or self.asked <= self.submitted

    def _sees_others(self, viewer: Viewer) -> bool:
        if viewer.person in self.asked | self.submitted:
            return viewer.person in self.submitted
        return viewer.person is not None and viewer.leads and self.revealed
