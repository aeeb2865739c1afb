from enum import StrEnum


class Mode(StrEnum):
    ALONE = "alone"
    TOGETHER = "together"
