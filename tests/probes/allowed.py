"""What the probe may use, and nothing else. A line added here is a decision: does it only read, and is it in 3.0?"""

# Cmdlets that read the host, with the parameters that the probe uses; all of them exist in PowerShell 3.0 or in the
# first version of their module. The common parameter ErrorAction is required of each (see TOLERANT).
READS: dict[str, frozenset[str]] = {
    "get-ciminstance": frozenset({"classname", "namespace", "filter"}),
    "get-itemproperty": frozenset({"literalpath"}),
    "get-childitem": frozenset({"literalpath"}),
    "test-path": frozenset({"literalpath"}),
    "get-winevent": frozenset({"filterhashtable", "maxevents", "listlog", "listprovider", "logname", "oldest"}),
    "get-vm": frozenset({"id"}),
    "get-vmintegrationservice": frozenset({"vm"}),
    "get-vmharddiskdrive": frozenset({"vm"}),
    "get-vmscsicontroller": frozenset({"vm"}),
    "get-vmsecurity": frozenset({"vm"}),
    "get-vmsnapshot": frozenset({"vm", "snapshottype"}),
    "get-vmhostsupportedversion": frozenset({"default"}),
    "get-vhd": frozenset({"path"}),
    "get-cluster": frozenset(),
    "get-clusternode": frozenset(),
    "get-clustergroup": frozenset(),
    "get-clusterresource": frozenset(),
    "get-clusterparameter": frozenset({"inputobject", "name"}),
    "get-clustersharedvolume": frozenset(),
    "get-clustersharedvolumestate": frozenset(),
}

# Cmdlets that touch nothing but the session itself.
SESSION: dict[str, frozenset[str]] = {
    "get-module": frozenset({"name", "listavailable"}),
    "new-object": frozenset({"typename", "argumentlist"}),
    "write-output": frozenset({"inputobject"}),
}

# Asking a guest by PowerShell Direct, with all of these parameters and none beside them. The three touch nothing of the
# host but jobs of this very session, which are gone with it:
#   Invoke-Command  only with -VMId (a guest of this host; no -ComputerName, no -Session), only with the block below,
#                   and only -AsJob, as a guest that hangs must not hang the probe;
#   Wait-Job        waits for that job, no longer than its timeout;
#   Receive-Job     takes what the job brought.
# Stop-Job waits for a hanging guest and so might never return, and Remove-Job would free what the end of the session
# frees anyway: both stay forbidden.
GUESTS: dict[str, frozenset[str]] = {
    "invoke-command": frozenset({"vmid", "credential", "scriptblock", "argumentlist", "asjob"}),
    "wait-job": frozenset({"job", "timeout"}),
    "receive-job": frozenset({"job"}),
}

# The one script block: its text is the guest probe, which passes this same guard by itself.
BLOCK = "$GuestProbe"

# What the guest probe may call inside a guest: less than on the host, and nothing of Hyper-V.
INSIDE_A_GUEST = frozenset(
    {"get-ciminstance", "get-itemproperty", "get-winevent", "new-object", "test-path", "write-output"}
)

# The one reading call without Stop, and why: see the comment in vss_events.ps1.
TOLERANT = frozenset({("get-winevent", "$Filter")})

NEW_OBJECTS = frozenset(
    {
        "System.Collections.ArrayList",
        "System.Diagnostics.Process",
        "System.Diagnostics.ProcessStartInfo",
        "System.IO.Compression.GZipStream",
        "System.IO.MemoryStream",
        "System.Security.Cryptography.SHA256CryptoServiceProvider",
        "System.Security.Principal.SecurityIdentifier",
        "System.Security.Principal.WindowsPrincipal",
        "System.Text.StringBuilder",
        "System.Text.UTF8Encoding",
        "System.TimeoutException",
        "System.UnauthorizedAccessException",
        "System.Xml.XmlDocument",
    }
)

# Types that may be named, with the static members that may be used. Empty: only in a cast, -is or a parameter.
TYPES: dict[str, frozenset[str]] = {
    "bool": frozenset(),
    "char": frozenset(),
    "datetime": frozenset(),
    "decimal": frozenset(),
    "int": frozenset(),
    "int64": frozenset(),
    "ordered": frozenset(),
    "string": frozenset({"CompareOrdinal"}),
    "uint64": frozenset(),
    "System.BitConverter": frozenset({"ToString"}),
    "System.Collections.IDictionary": frozenset(),
    "System.Collections.IEnumerable": frozenset(),
    "System.Convert": frozenset({"ToBase64String"}),
    "System.DateTime": frozenset({"Now", "UtcNow"}),
    "System.Diagnostics.Stopwatch": frozenset({"StartNew"}),
    "System.Environment": frozenset({"MachineName", "SystemDirectory"}),
    "System.Globalization.CultureInfo": frozenset({"CurrentUICulture", "InvariantCulture"}),
    "System.IO.Compression.CompressionMode": frozenset({"Compress"}),
    "System.IO.Path": frozenset({"Combine"}),
    "System.Management.Automation.CommandNotFoundException": frozenset(),
    "System.Management.Automation.PSCredential": frozenset(),
    "System.PlatformNotSupportedException": frozenset(),
    "System.Security.Principal.WindowsIdentity": frozenset({"GetCurrent"}),
    "System.Security.SecurityException": frozenset(),
    "System.StringComparison": frozenset({"Ordinal"}),
    "System.TimeoutException": frozenset(),
    "System.UnauthorizedAccessException": frozenset(),
}

# Instance methods by name, as a tree does not know a variable's type. None of them changes anything outside memory,
# but for the streams and the life of the two programs.
METHODS = frozenset(
    {
        "Add",
        "AddDays",
        "Append",
        "Close",
        "ComputeHash",
        "Contains",
        "ContainsKey",
        "GetAttribute",
        "GetBytes",
        "GetType",
        "IsInRole",
        "Kill",
        "LastIndexOf",
        "LoadXml",
        "ReadToEndAsync",
        "Replace",
        "SelectNodes",
        "SelectSingleNode",
        "Split",
        "Start",
        "StartsWith",
        "Substring",
        "ToArray",
        "ToCharArray",
        "ToLocalTime",
        "ToLowerInvariant",
        "ToString",
        "ToUniversalTime",
        "ToXml",
        "ToUpperInvariant",
        "Trim",
        "Wait",
        "WaitForExit",
        "Write",
        "get_InnerText",
    }
)

# Properties that may be set, with the values that may be given. The two programs and their arguments are all there is.
SETTINGS: dict[str, frozenset[str]] = {
    "$start.FileName": frozenset(
        {
            "[System.IO.Path]::Combine([System.Environment]::SystemDirectory, 'vssadmin.exe')",
            "[System.IO.Path]::Combine([System.Environment]::SystemDirectory, 'diskshadow.exe')",
        }
    ),
    "$start.Arguments": frozenset({"'list writers'", "''"}),
    "$start.UseShellExecute": frozenset({"$false"}),
    "$start.CreateNoWindow": frozenset({"$true"}),
    "$start.RedirectStandardInput": frozenset({"$true"}),
    "$start.RedirectStandardOutput": frozenset({"$true"}),
    "$start.RedirectStandardError": frozenset({"$true"}),
    "$process.StartInfo": frozenset({"$start"}),
    "$document.XmlResolver": frozenset({"$null"}),
}

# What is fed to diskshadow, and what is not (vssadmin).
FEED = frozenset({"''", '"list writers detailed`r`nexit`r`n"'})

# The session's preferences, and what each is set to.
PREFERENCES = {
    "erroractionpreference": "'Stop'",
    "progresspreference": "'SilentlyContinue'",
    "warningpreference": "'SilentlyContinue'",
    "psmoduleautoloadingpreference": "'All'",  # Windows' own default; the JEA module sets it again
}

OPERATORS = frozenset(
    {
        "-ceq",
        "-eq",
        "-ge",
        "-gt",
        "-in",
        "-is",
        "-le",
        "-like",
        "-lt",
        "-match",
        "-ne",
        "-notin",
        "-replace",
        "-split",
    }
)

# Kinds of node of the grammar. What is missing here is refused: class, enum, using, data, trap, workflow keywords,
# script blocks as values, sub-expressions, redirections, jobs, here-strings, splatting, && and ||, ?: and ??.
CONSTRUCTS = frozenset(
    {
        "additive_argument_expression",
        "additive_expression",
        "argument_expression",
        "argument_expression_list",
        "argument_list",
        "array_expression",
        "array_literal_expression",
        "array_type_name",
        "assignement_operator",
        "assignment_expression",
        "attribute",
        "attribute_list",
        "bitwise_argument_expression",
        "bitwise_expression",
        "cast_expression",
        "catch_clause",
        "catch_clauses",
        "command",
        "command_argument_sep",
        "command_elements",
        "command_name",
        "command_parameter",
        "comment",
        "comparison_argument_expression",
        "comparison_expression",
        "comparison_operator",
        "decimal_integer_literal",
        "element_access",
        "else_clause",
        "elseif_clause",
        "elseif_clauses",
        "empty_statement",
        "expandable_string_literal",
        "expression_with_unary_operator",
        "flow_control_statement",
        "for_condition",
        "for_initializer",
        "for_iterator",
        "for_statement",
        "foreach_statement",
        "format_argument_expression",
        "format_expression",
        "function_name",
        "function_statement",
        "generic_token",
        "hash_entry",
        "hash_literal_body",
        "hash_literal_expression",
        "hexadecimal_integer_literal",
        "if_statement",
        "integer_literal",
        "invokation_expression",
        "key_expression",
        "left_assignment_expression",
        "logical_argument_expression",
        "logical_expression",
        "member_access",
        "member_name",
        "multiplicative_argument_expression",
        "multiplicative_expression",
        "param_block",
        "parameter_list",
        "parenthesized_expression",
        "pipeline",
        "pipeline_chain",
        "program",
        "range_argument_expression",
        "range_expression",
        "script_block",
        "script_block_body",
        "script_parameter",
        "script_parameter_default",
        "simple_name",
        "statement_block",
        "statement_list",
        "string_literal",
        "switch_body",
        "switch_clause",
        "switch_clause_condition",
        "switch_clauses",
        "switch_condition",
        "switch_statement",
        "try_statement",
        "type_identifier",
        "type_literal",
        "type_name",
        "type_spec",
        "unary_expression",
        "variable",
        "verbatim_string_characters",
        "while_condition",
        "while_statement",
    }
)
