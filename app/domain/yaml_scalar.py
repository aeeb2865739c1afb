"""What a bare word of YAML 1.2 means, numbers exactly."""

import re
from fractions import Fraction

LONGEST_NUMBER = 30

WORD: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"), None)
WORD |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE](?P<exponent>[-+]?[0-9]+))?")
NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def scalar(text: str) -> str | int | Fraction | bool | None:
    """What an unquoted word of YAML 1.2 means. ValueError, with a sentence, for a number that nobody can mean."""
    if text in WORD:
        return WORD[text]
    if NOT_FINITE.fullmatch(text):
        raise ValueError(f"is {text}, which is no finite number.")
    whole, decimal = INTEGER.fullmatch(text), DECIMAL.fullmatch(text)
    if not whole and not decimal:
        return text
    exponent = decimal["exponent"] if decimal else None
    if len(text) > LONGEST_NUMBER or (exponent and abs(int(exponent)) > LONGEST_NUMBER):
        raise ValueError("is too long a number; put it in quotes if it is meant as text.")
    return (int(text, 0) if text[:2] in ("0o", "0x") else int(text)) if whole else Fraction(text)
