"""A fix written out for one case: commands that stand on their own, in the words of the host's Windows version."""

import re

from msgspec import Struct, structs

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Recipe, Where
from audits.judgement.fixes.menus import windows_of
from audits.judgement.powershell import commands
from audits.judgement.words import VMState

NO_MODULE = "Windows Server 2008 R2 has no Hyper-V module for PowerShell: do it by hand."
VM_VARIABLE = re.compile(r"\$vm(?!\w)")
INDENT = "    "


class FixText(Struct, frozen=True, kw_only=True):
    """What a person reads and copies. `commands`, `verify` and `undo` each run by themselves; empty: there are none.

    No command in it holds an invisible character; the words beside them may hold whatever a host said.
    """

    fix: Fix
    variant: str
    recipe: Recipe
    windows: str
    commands: str
    no_commands: str
    verify: str
    undo: str

    @property
    def kind(self) -> str:
        """Which variant it is, where the fix has several; in brackets after a space."""
        return f" ({self.variant})" if len(self.fix.variants) > 1 else ""

    @property
    def where(self) -> Where:
        return self.recipe.where

    @property
    def verify_where(self) -> Where:
        return self.recipe.verify_where or self.recipe.where

    @property
    def held_back(self) -> str:
        """Why a script for the whole host does not do it by itself; empty if it does."""
        recipe = self.recipe
        if recipe.where is not Where.HOST:
            return f"it is done {recipe.where}, not here"
        if not self.commands:
            return self.no_commands or "it is no command"
        if recipe.irreversible:
            return f"it cannot be undone: {recipe.irreversible}"
        if recipe.choose:
            return "it needs a choice of yours between the quotes"
        if recipe.only_looks:
            return "it only looks, and what to do then is for you to decide"
        return recipe.held_back


def write(fix: Fix, case: Case) -> FixText | None:
    """The fix for this case; None where it has no variant for the rule. Microseconds."""
    variant = fix.variant_for(case)
    if variant is None:
        return None
    return write_recipe(fix, variant.name, variant.write(case), case)


def write_recipe(fix: Fix, variant: str, recipe: Recipe, case: Case) -> FixText:
    has_no_module = recipe.needs_hyper_v_module and recipe.where is Where.HOST and case.is_2008_r2
    if has_no_module:
        recipe = structs.replace(recipe, commands="", no_commands=NO_MODULE, done_already="", undo="")
    verify_is_on_host = (recipe.verify_where or recipe.where) is Where.HOST
    no_verify = case.is_2008_r2 and verify_is_on_host and ("-VM" in recipe.verify or VM_VARIABLE.search(recipe.verify))
    return FixText(
        fix=fix,
        variant=variant,
        recipe=recipe,
        windows=windows_of(case),
        commands=standing_alone(_asking(_with_vm_off(recipe.commands, recipe, case), recipe), case),
        no_commands=recipe.no_commands,
        verify="" if no_verify else standing_alone(recipe.verify, case),
        undo=standing_alone(_asking(_with_vm_off(recipe.undo, recipe, case), recipe, look=False), case),
    )


def standing_alone(text: str, case: Case) -> str:
    """The commands with the lines before them that fetch $vm, where they use it."""
    return case.fetch_vm + text if VM_VARIABLE.search(text) else text


def _asking(text: str, recipe: Recipe, *, look: bool = True) -> str:
    """The commands inside a condition that what they ask for was filled in; above it what helps to choose."""
    asked = [choice for choice in recipe.choose if f"${choice.name}" in text]
    if not text or not asked:
        return text
    lines = [recipe.look_first] if look and recipe.look_first else []
    lines += [f"${choice.name} = ''   # between the quotes: {choice.meaning}" for choice in asked]
    lines.append(f"if ({' -and '.join(f'${choice.name}' for choice in asked)}) {{")
    lines += [f"{INDENT}{line}" for line in text.split("\n")]
    lines.append("} else { 'Nothing was done: fill in what stands between the quotes.' }")
    return "\n".join(lines)


def _with_vm_off(text: str, recipe: Recipe, case: Case) -> str:
    if not text:
        return ""
    lines = [text]
    if recipe.changes_configuration and case.vm_is_clustered:
        lines.append(refresh_cluster(case))
    if recipe.vm_off and (case.vm is None or case.vm.state not in (VMState.OFF, VMState.SAVED)):
        # What follows must not happen to a VM that is still on: the error ends the block it stands in.
        lines = ["Stop-VM -VM $vm -ErrorAction Stop", *lines, start(case)]
    return "\n".join(lines)


def refresh_cluster(case: Case) -> str:
    """The cluster keeps a copy of where a VM's files are; it reads the configuration again."""
    return commands("Update-ClusterVirtualMachineConfiguration -VMId {vm}", vm=case.vm_id)


def start(case: Case) -> str:
    """A clustered VM is started through the cluster, so that the cluster knows."""
    if case.vm_is_clustered:
        return commands("Get-ClusterGroup -VMId {vm} | Start-ClusterGroup", vm=case.vm_id)
    return "Start-VM -VM $vm"
