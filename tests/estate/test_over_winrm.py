"""Every scenario, audited over real WinRM, ends as intended: outcome and cause of hosts, verdicts on VMs."""

import pytest

from simulator import estates
from tests.estate.differences import differences
from tests.estate.wire_audit import audit


@pytest.mark.parametrize("name", estates.names())
def test_every_host_and_vm_ends_as_its_scenario_intends(name: str) -> None:
    assert differences(audit(name), name) == []
