"""Discovery: directly-follows and variants by our own SQL, models by pm4py."""
