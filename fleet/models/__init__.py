"""Rows a person enters, one idea per file."""

from fleet.models.credential import Credential
from fleet.models.customer import BackupPath, Customer, Membership, Network
from fleet.models.host import Auth, Host, RightsLevel, Scheme
from fleet.models.trail import TrailEntry
from fleet.models.virtual_machine import Cluster, VirtualMachine

__all__ = [
    "Auth",
    "BackupPath",
    "Cluster",
    "Credential",
    "Customer",
    "Host",
    "Membership",
    "Network",
    "RightsLevel",
    "Scheme",
    "TrailEntry",
    "VirtualMachine",
]
