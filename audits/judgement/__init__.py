"""From evidence to verdict: pure functions over frozen types. Knows no Django, no Celery, no transport."""
