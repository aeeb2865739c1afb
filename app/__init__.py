"""Shortstave: MLOps maturity self-assessment for teams and whole organisations."""
