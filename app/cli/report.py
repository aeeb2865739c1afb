"""Results and advice as a few lines of plain text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from app.domain.advice import Step, Target, Way, open_questions
from app.domain.answers import Value
from app.domain.results import LadderCategory, LadderResult, PointsCategory, PointsResult, Result
from app.domain.rubric import Rubric, Unit
from app.domain.scoring import band


def score_report(rubric: Rubric, values: Mapping[str, Value], result: Result) -> str:
    """The headline, which says why; then a line for each category and what rests on it."""
    width = max(len(category.name) for category in rubric.categories)
    lines = [headline(rubric, values, result), ""]
    for category in result.categories:
        name = rubric.category_by_key[category.key].name.ljust(width)
        standing = ladder_line(category) if isinstance(category, LadderCategory) else points_line(category)
        lines.append(f"  {name}  {standing}")
    return "\n".join([*lines, "", *remarks(rubric, result)])


def headline(rubric: Rubric, values: Mapping[str, Value], result: Result) -> str:
    if result.overall is None or result.overall_high is None:
        return f"{rubric.title}: no score, because nothing applies."
    here = place(rubric, result.overall)
    if result.settled:
        return f"{rubric.title}: {here}, {reason(rubric, result)}."
    high = place(rubric, result.overall_high)
    deciding = sum(question.decides for question in open_questions(rubric, values, result))
    answers = "1 open answer decides" if deciding == 1 else f"{deciding} open answers decide"
    return f"{rubric.title}: {here} so far, and up to {high}; {answers}."


def reason(rubric: Rubric, result: Result) -> str:
    if len(result.binding) == len(result.categories):
        return "the same in every category"
    return f"held there by {listing([rubric.category_by_key[key].name for key in result.binding])}"


def place(rubric: Rubric, height: Target) -> str:
    """A level or score with its name."""
    if rubric.levels:
        return f"level {height} ({rubric.levels[int(height)].name})"
    reached = band(rubric, Fraction(height))
    unit = "%" if rubric.unit is Unit.PERCENT else " points"
    return f"{decimal(height)}{unit}" + (f" ({reached.name})" if reached else "")


def ladder_line(category: LadderCategory) -> str:
    interval = "" if category.level == category.level_high else f" to {category.level_high}"
    parts = [f"level {category.level}{interval}, index {decimal(category.index)}"]
    known = [key for key in category.blockers if key not in category.open_blockers]
    notes = {"blocked by": known, "to find out": category.open_blockers, "not yet counting": category.islands}
    return "; ".join([*parts, *(f"{words}: {', '.join(keys)}" for words, keys in notes.items() if keys)])


def points_line(category: PointsCategory) -> str:
    if category.score is None or category.score_high is None:
        return "nothing applies"
    interval = "" if category.score == category.score_high else f" to {decimal(category.score_high)}"
    return f"{decimal(category.score)}{interval}"


def remarks(rubric: Rubric, result: Result) -> Iterator[str]:
    """How far the answers carry: completeness, what does not apply, what drifts."""
    needed = sum(category.needed for category in result.categories)
    answered = sum(category.needed_answered for category in result.categories)
    yield f"{answered} of {needed} needed answers are given." if answered < needed else "All needed answers are given."
    not_applicable = sum(category.not_applicable for category in result.categories)
    if not_applicable:
        yield f"Answered as not applicable: {not_applicable}."
    if isinstance(result, LadderResult) and result.drifting:
        ahead = listing([rubric.category_by_key[key].name for key in result.drifting])
        yield f"Two levels or more ahead of the lowest category: {ahead}."
    if isinstance(result, PointsResult) and None in [category.score for category in result.categories]:
        yield "A category to which nothing applies takes no part in the overall score."


def advice_report(rubric: Rubric, on_the_way: Way, steps: Sequence[Step]) -> str:
    """The first steps with what to do, then the whole way."""
    if not on_the_way.waves:
        return f"{rubric.title}: nothing is left to do for {target(rubric, on_the_way)}."
    lines = [f"{rubric.title}: the first steps to {place(rubric, on_the_way.waves[0].to)}."]
    for number, step in enumerate(steps, 1):
        lines += ["", *step_lines(rubric, number, step)]
    for wave in on_the_way.waves:
        lines += ["", f"On the way to {place(rubric, wave.to)}:", *(f"  {key}" for key in wave.statements)]
    return "\n".join(lines)


def step_lines(rubric: Rubric, number: int, step: Step) -> Iterator[str]:
    statement = rubric.statements[step.statement]
    where = rubric.category_by_key[step.category].name
    whole = ", for the whole organisation" if step.organisation_wide else ""
    yield f"{number}. {step.statement} ({where}{whole})"
    yield f"   Find out whether this is so: {statement.text}" if step.find_out else f"   {statement.do}"
    yield f"   Evidence: {statement.proof}"
    if step.action:
        yield f"   This helps to: {step.action.text}"
    if step.story:
        yield f"   {step.story.text} ({step.story.source})"


def target(rubric: Rubric, on_the_way: Way) -> str:
    return "a score, because nothing applies" if on_the_way.target is None else place(rubric, on_the_way.target)


def listing(names: Sequence[str]) -> str:
    """Strategy, Modeling and Governance."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def decimal(height: Target) -> str:
    """At most two decimals, none where there is nothing to show."""
    return f"{float(height):.2f}".rstrip("0").rstrip(".")
