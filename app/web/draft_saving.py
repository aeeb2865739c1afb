"""Saving what a form of a draft holds, as far as it can be: what somebody else changed meanwhile keeps nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.actions.drafts import change_draft
from app.domain.drafts import Overtaken, Set, Step
from app.domain.errors import Invalid
from app.domain.people import Actor
from app.web.deps import Db, Now
from app.web.draft_fields import Typed, written


def saved(
    db: Db,
    me: Actor,
    draft_id: int,
    typed: Typed,
    name_of: Callable[[Set], str],
    all_of: Callable[[Sequence[Set]], Sequence[Step]],
    now: Now,
) -> Typed:
    """Save all but what somebody else changed meanwhile, which is told with what they wrote there.

    `name_of` is what the field of a step is called in the form, `all_of` what goes with some steps. Where what is left
    does not fit, nothing is saved, and each of its fields says why.
    """
    steps, theirs, wrong = [*typed.steps], dict(typed.theirs), dict(typed.wrong)
    while steps:
        try:
            change_draft(db, me, draft_id, all_of(steps), now)
            break
        except Overtaken as by:
            overtaken = [each for each in steps if f"{each.path}.{each.field}".lstrip(".") == by.path]
            if not overtaken:
                raise
            steps = [each for each in steps if each not in overtaken]
            theirs |= {name_of(each): written(by.now) for each in overtaken}
        except Invalid as unfit:
            wrong |= {name_of(each): str(unfit) for each in steps}
            steps = []
    return replace(typed, steps=steps, wrong=wrong, theirs=theirs)
