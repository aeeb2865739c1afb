"""Organisations: everything belongs to exactly one."""

VISITORS = 1
"""The reserved organisation that quick checks without an account belong to; the first migration makes it."""
