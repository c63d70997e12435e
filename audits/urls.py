"""Every page that shows what hosts told us and what we concluded, and the acts that start from them."""

from django.urls import path

from audits.views import (
    acts,
    appearance,
    checks,
    customers,
    episodes,
    findings,
    fleet,
    hosts,
    reports,
    runs,
    schedules,
    search,
    settings,
    vms,
)

urlpatterns = [
    path("", fleet.show, name="fleet"),
    path("customers/", customers.index, name="customers"),
    path("customers/<uuid:pk>/", customers.show, name="customer"),
    path("customers/<uuid:pk>/settings/", settings.of_customer, name="customer_settings"),
    path("customers/<uuid:pk>/schedule/", schedules.of_customer, name="schedule"),
    path("hosts/", hosts.index, name="hosts"),
    path("hosts/<uuid:pk>/", hosts.show, name="host"),
    path("hosts/<uuid:pk>/settings/", settings.of_host, name="host_settings"),
    path("vms/", vms.index, name="vms"),
    path("vms/<uuid:pk>/", vms.show, name="vm"),
    path("episodes/", episodes.index, name="episodes"),
    path("runs/", runs.index, name="runs"),
    path("runs/<uuid:pk>/", runs.show, name="run"),
    path("checks/", checks.index, name="checks"),
    path("checks/<slug:rule_id>/", checks.show, name="check"),
    path("findings/", findings.index, name="findings"),
    path("findings/<uuid:pk>/", findings.show, name="finding"),
    path("reports/", reports.index, name="reports"),
    path("reports/<slug:name>.csv", reports.download, name="report_csv"),
    path("search/", search.show, name="search"),
    path("audit/", acts.audit_fleet, name="audit_fleet"),
    path("customers/<uuid:pk>/audit/", acts.audit_customer, name="audit_customer"),
    path("hosts/<uuid:pk>/audit/", acts.audit_host, name="audit_host"),
    path("runs/<uuid:pk>/cancel/", acts.cancel_run, name="cancel_run"),
    path("runs/<uuid:pk>/rerun/", acts.rerun_failed, name="rerun_failed"),
    path("appearance/", appearance.choose, name="appearance"),
]
