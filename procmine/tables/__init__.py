"""What each step promises the next: the schemas of all tables, with meaning and unit."""
