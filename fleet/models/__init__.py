"""Rows a person enters, one idea per file."""

from fleet.models.credential import Credential
from fleet.models.customer import BackupPath, Customer, Membership, Network
from fleet.models.guest_access import Channel, GuestAccess, GuestGrant
from fleet.models.host import Auth, Host, RightsLevel, Scheme
from fleet.models.trail import TrailEntry
from fleet.models.virtual_machine import Cluster, VirtualMachine

__all__ = [
    "Auth",
    "BackupPath",
    "Channel",
    "Cluster",
    "Credential",
    "Customer",
    "GuestAccess",
    "GuestGrant",
    "Host",
    "Membership",
    "Network",
    "RightsLevel",
    "Scheme",
    "TrailEntry",
    "VirtualMachine",
]
