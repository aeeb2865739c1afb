"""The charts of the dashboard under addresses of their own: for Plotly, and to be taken away as SVG, PNG and CSV."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.errors import Missing
from app.queries import parts
from app.web.charts import Ending, answered
from app.web.dashboard import category_of, charts_of, part_asked
from app.web.dashboard_charts import ChartName, chart
from app.web.deps import Db, Me

router = APIRouter()


@router.get("/dashboard/charts/{name}.{ending}", name="dashboard-chart")
def chart_file(
    request: Request,
    db: Db,
    me: Me,
    name: str,
    ending: str,
    cycle: str = "",
    unit: str = "",
    since: str = "",
    category: str = "",
) -> Response:
    part = part_asked(db, me, cycle, unit, since)
    if part is None or name not in set(ChartName) or ending not in set(Ending):
        raise Missing("There is no such chart.")
    of = category_of(part.rubric, category)
    figures = parts.figures(db.connection(), me.organisation_id, part)
    drawn = chart(ChartName(name), charts_of(request, part, figures, of))
    return answered(drawn, Ending(ending), f"{part.rubric.key}-{name}")
