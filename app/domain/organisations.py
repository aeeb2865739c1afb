"""Organisations: everything belongs to exactly one."""

VISITORS = 1
"""The reserved organisation that quick checks without an account belong to; the first migration makes it."""

NAME_LIMIT = 200
"""Characters of the name of an organisation, a unit, a team or a person."""
