"""What a person enters about audits, checked before anything is done with it."""

from datetime import time
from functools import cache
from zoneinfo import available_timezones

from django import forms

from audits.models import Schedule
from audits.schedules import MOST_MINUTES_AFTER, MOST_MINUTES_BEFORE, time_zone_from
from audits.timetable import EVERY_DAY
from fleet.services import InvalidInput

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Where nothing was entered yet: when most backup products start by default, and their nights.
FIRST_WINDOW = (time(22), time(4))


class ScheduleForm(forms.Form):
    """A customer's backup window and the audits around it. Times are local."""

    window_begins = forms.TimeField(label="Begins", input_formats=["%H:%M", "%H:%M:%S"])
    window_ends = forms.TimeField(label="Ends", input_formats=["%H:%M", "%H:%M:%S"])
    time_zone = forms.CharField(label="Time zone", max_length=64)
    weekdays = forms.TypedMultipleChoiceField(
        label="Nights",
        coerce=int,
        choices=tuple(zip(EVERY_DAY, DAY_NAMES, strict=True)),
        error_messages={"required": "Choose at least one night."},
    )
    audit_before_minutes = forms.IntegerField(label="Audit before, minutes", min_value=0, max_value=MOST_MINUTES_BEFORE)
    harvest_after_minutes = forms.IntegerField(label="Audit after, minutes", min_value=0, max_value=MOST_MINUTES_AFTER)
    is_enabled = forms.BooleanField(label="Audit by itself", required=False)

    @classmethod
    def of(cls, schedule: Schedule | None) -> "ScheduleForm":
        """The form as it stands before anything is entered."""
        shown = schedule or Schedule(window_begins=FIRST_WINDOW[0], window_ends=FIRST_WINDOW[1])
        return cls(
            initial={
                "window_begins": f"{shown.window_begins:%H:%M}",
                "window_ends": f"{shown.window_ends:%H:%M}",
                "time_zone": shown.time_zone,
                "weekdays": shown.weekdays,
                "audit_before_minutes": shown.audit_before_minutes,
                "harvest_after_minutes": shown.harvest_after_minutes,
                "is_enabled": shown.is_enabled,
            }
        )

    @property
    def chosen_days(self) -> list[int]:
        """The days that are ticked, as entered or as they stand."""
        return [int(day) for day in self["weekdays"].value() or () if str(day).isdigit()]

    def clean_time_zone(self) -> str:
        try:
            return time_zone_from(self.cleaned_data["time_zone"])
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error


@cache
def time_zones() -> list[str]:
    """Names to choose from: places, and UTC. The database of zones is read once per process."""
    return [*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC"]
