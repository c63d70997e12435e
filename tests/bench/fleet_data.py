"""A large fleet made inside the database: customers, hosts, VMs, verdicts and results, in seconds."""

from django.db import connection

CUSTOMERS = 100

# Shares per hundred VMs, as a real fleet looks: most are live, some are not.
FILL = """
INSERT INTO fleet_customer (id, name, backup_path, ca_pem, is_demo, created_at)
SELECT gen_random_uuid(), 'Customer ' || lpad(n::text, 4, '0'), (ARRAY['vss', 'wmi', 'unknown'])[1 + n %% 3], '', false, now()
FROM generate_series(1, %(customers)s) n;

INSERT INTO fleet_host (id, customer_id, name, address, port, scheme, auth, certificate_sha256, backup_path,
                        rights_level, endpoint_name, tags, created_at)
SELECT gen_random_uuid(), c.id, 'hv' || lpad(n::text, 5, '0') || '.lab', '10.0.0.1', 5986, 'https', 'ntlm', '', '',
       'administrator', '', '{}', now()
FROM generate_series(1, %(hosts)s) n
JOIN (SELECT id, row_number() OVER (ORDER BY name) AS place FROM fleet_customer) c ON c.place = 1 + n %% %(customers)s;

INSERT INTO fleet_virtualmachine (id, customer_id, host_id, guid, first_seen_at)
SELECT gen_random_uuid(), h.customer_id, h.id, gen_random_uuid()::text, now()
FROM fleet_host h, generate_series(1, %(vms)s);

INSERT INTO audits_verdict (virtual_machine_id, customer_id, host_id, name, vm_state, backup_path, verdict, verdict_vss,
                            verdict_wmi, confidence, depends_on_backup_path, conflict, host_side_ready, writer_says,
                            observed, observed_reason, causes, unknowns, unknown_reasons, sentence, since_at, read_at)
SELECT v.id, v.customer_id, v.host_id, 'VM' || v.place, 'running', 'vss', w.word, w.word, 'live', 'medium', false, false,
       false, 'online', 'not_read', '', CASE w.word WHEN 'saved_state' THEN ARRAY['VM-ISBACKUP'] ELSE ARRAY[]::varchar[] END,
       ARRAY[]::varchar[], '{}', '', now(), now()
FROM (SELECT *, row_number() OVER () AS place FROM fleet_virtualmachine) v
CROSS JOIN LATERAL (SELECT CASE WHEN v.place %% 100 < 80 THEN 'live' WHEN v.place %% 100 < 87 THEN 'saved_state'
    WHEN v.place %% 100 < 93 THEN 'crash_consistent' WHEN v.place %% 100 < 97 THEN 'unknown' ELSE 'already_offline' END AS word) w;

INSERT INTO audits_result (id, host_id, virtual_machine_id, rule, rule_version, subject_type, subject_key, subject_id,
                           subject, result, severity, confidence, measured, reason, fix, first_seen_at, read_at, known_result)
SELECT gen_random_uuid(), v.host_id, v.id, r.rule, 1, 'vm', v.id::text, v.guid, 'VM', w.word, 'critical', 'high',
       CASE w.word WHEN 'fail' THEN 'Backup (volume checkpoint): not offered' END,
       CASE w.word WHEN 'unknown' THEN 'the host did not report the component' END, 'F1', now(), now(), ''
FROM (SELECT *, row_number() OVER () AS place FROM fleet_virtualmachine) v
CROSS JOIN (SELECT rule, row_number() OVER () AS place FROM unnest(%(rules)s::text[]) AS rule) r
CROSS JOIN LATERAL (SELECT CASE WHEN (v.place + r.place) %% 50 = 0 THEN 'fail' WHEN (v.place + r.place) %% 50 = 1 THEN 'unknown'
    ELSE 'pass' END AS word) w;

INSERT INTO audits_hoststate (host_id, last_outcome, last_cause, last_finished_at, failures_in_a_row, evidence_at,
    probe_version, os_build, host_class, sections, results_digest, verdicts_digest, live_vms, crash_consistent_vms,
    saved_state_vms, saved_state_sure_vms, backup_fails_vms, already_offline_vms, unknown_vms, host_side_ready_vms,
    depends_on_backup_path_vms, conflict_vms, failing_results, unknown_results, contradictions)
SELECT v.host_id, 'succeeded', '', now(), 0, now(), '1.0.0', 20348, 'C', '{}', '', '',
    count(*) FILTER (WHERE verdict = 'live'), count(*) FILTER (WHERE verdict = 'crash_consistent'),
    count(*) FILTER (WHERE verdict = 'saved_state'), count(*) FILTER (WHERE verdict = 'saved_state'),
    count(*) FILTER (WHERE verdict = 'backup_fails'), count(*) FILTER (WHERE verdict = 'already_offline'),
    count(*) FILTER (WHERE verdict = 'unknown'), 0, 0, 0, 10, 10, '[]'
FROM audits_verdict v GROUP BY v.host_id;

INSERT INTO audits_hostplan (state_id, groups, vm_ids, not_plannable_vms, live_if_vss_vms, live_if_wmi_vms)
SELECT g.host_id,
    jsonb_agg(jsonb_build_object('rules', g.rules, 'vms', g.vms, 'minutes', 10 * g.vms, 'steps', g.vms, 'off', 0, 'risk', 'low',
                                 'shared', g.shared, 'confidence', 'medium', 'words', jsonb_build_object('saved_state', g.vms))),
    jsonb_agg(g.ids), 1, 0, 0
FROM (
    SELECT v.host_id, r.rules, count(*) AS vms, jsonb_agg(v.virtual_machine_id) AS ids,
        CASE WHEN 'HOST-WRITER' = ANY(r.rules) THEN jsonb_build_object('HOST-WRITER@' || v.host_id, 10) ELSE '{}' END AS shared
    FROM (SELECT *, row_number() OVER () AS place FROM audits_verdict) v
    CROSS JOIN LATERAL (SELECT CASE v.place %% 7 WHEN 0 THEN ARRAY['VM-ISBACKUP', 'HOST-WRITER'] WHEN 1 THEN ARRAY['VM-ISSTATE']
        WHEN 2 THEN ARRAY['VM-ISBACKUP', 'VM-SCSI'] WHEN 3 THEN ARRAY['HOST-WRITER'] ELSE ARRAY['VM-ISBACKUP'] END AS rules) r
    WHERE v.verdict IN ('saved_state', 'crash_consistent') GROUP BY v.host_id, r.rules
) g GROUP BY g.host_id;
INSERT INTO audits_episode (id, virtual_machine_id, customer_id, host_id, vm, saved_at, restored_at, night, source,
    confidence, is_proof, in_backup_window, predicted, predicted_confidence, evidence_at)
SELECT gen_random_uuid(), v.virtual_machine_id, v.customer_id, v.host_id, v.name, d.day + time '22:04', d.day + time '22:05',
    d.day, 'events', 'high', true, true, 'saved_state', 'medium', now()
FROM audits_verdict v CROSS JOIN (SELECT current_date - n AS day FROM generate_series(1, 30) AS n) d
WHERE v.verdict = 'saved_state';
"""


def fill(hosts: int, vms: int, rules: list[str]) -> None:
    """Fill an empty database with `hosts` hosts of `vms` VMs each and one current result per VM and rule."""
    values: dict[str, int | list[str]] = {
        "customers": min(CUSTOMERS, hosts),
        "hosts": hosts,
        "vms": vms,
        "rules": rules,
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
