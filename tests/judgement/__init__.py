"""The judgement: rules, verdict and reconciliation, over a small healthy host that each test spoils in one place."""
