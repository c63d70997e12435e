"""What a person enters on a page, checked before anything is done with it."""

from django import forms

from fleet.models import BackupPath

AS_THE_CUSTOMER = ""


class CustomerPathForm(forms.Form):
    """The way the backups of a customer's hosts take."""

    backup_path = forms.ChoiceField(choices=BackupPath.choices)


class HostPathForm(forms.Form):
    """The way the backups of one host take; empty: as its customer's setting says."""

    backup_path = forms.ChoiceField(
        choices=[(AS_THE_CUSTOMER, "As the customer’s setting"), *BackupPath.choices], required=False
    )
