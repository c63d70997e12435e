"""One measured number with its goal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """`at_most` or `at_least` is the promise; without either the number is for the reader."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    how: str = ""

    @property
    def is_missed(self) -> bool:
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return too_much or too_little

    def __str__(self) -> str:
        goal = ""
        if self.at_most is not None:
            goal = f"  (goal: at most {self.at_most:g} {self.unit})"
        if self.at_least is not None:
            goal = f"  (goal: at least {self.at_least:g} {self.unit})"
        mark = "MISSED " if self.is_missed else ""
        return f"{mark}{self.what}: {self.value:.3g} {self.unit}{goal}" + (f"  [{self.how}]" if self.how else "")
