"""What the units, teams and people of an example organisation are called: words of products, and no one's name."""

from dataclasses import dataclass

ORGANISATION = "Example organisation"
DOMAIN = "shortstave.example"
"""No mail ever reaches an address of it: the ending is reserved (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class Department:
    division: str
    name: str
    products: tuple[str, ...]


DEPARTMENTS: tuple[Department, ...] = (
    Department(
        "Risk",
        "Fraud",
        (
            "Fraud detection",
            "Account takeover",
            "Claims triage",
            "Identity checks",
            "Payment anomalies",
            "Money laundering alerts",
        ),
    ),
    Department(
        "Operations",
        "Supply",
        ("Demand forecast", "Stock levels", "Delivery times", "Route planning", "Supplier risk", "Returns"),
    ),
    Department(
        "Customers",
        "Marketing",
        (
            "Churn prediction",
            "Next best offer",
            "Customer lifetime value",
            "Campaign response",
            "Audience segments",
            "Pricing",
        ),
    ),
    Department(
        "Risk",
        "Credit",
        ("Credit scoring", "Collections", "Limit setting", "Affordability", "Portfolio stress", "Document checks"),
    ),
    Department(
        "Operations",
        "Plants",
        (
            "Predictive maintenance",
            "Energy use",
            "Visual inspection",
            "Yield",
            "Process control",
            "Spare parts",
        ),
    ),
    Department(
        "Customers",
        "Service",
        (
            "Ticket routing",
            "Product recommendations",
            "Search ranking",
            "Call summaries",
            "Chat assistant",
            "Staffing forecast",
        ),
    ),
)

REGIONS: tuple[str, ...] = (
    "North",
    "South",
    "East",
    "West",
    "Central",
    "Coast",
    "Highlands",
    "Islands",
    "Lakes",
    "Valleys",
    "Plains",
    "Capital",
)
"""The top units of an organisation that is too large for one of each product."""

SYSTEMS: tuple[str, ...] = ("production model", "challenger", "batch scores")
