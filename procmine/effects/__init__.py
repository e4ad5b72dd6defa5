"""What changed, by how much, and how sure we can be: pure statistics on frames.

Nothing here reads a file or knows the name of an activity or an indicator; definitions
come from :mod:`procmine.indicators`. Heavy libraries are imported inside functions.
"""
