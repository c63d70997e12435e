"""Two limits where django-axes knows one number: few failures for an account, more for an address."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest


class SignInLimits(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts an address' failures at the rate at which 20 of them weigh as much as 5 of an account."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return the failures to be compared with AXES_FAILURE_LIMIT. Two queries."""
        account, address = (
            attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return max(account, address * settings.AXES_FAILURE_LIMIT // settings.AXES_ADDRESS_FAILURE_LIMIT)
