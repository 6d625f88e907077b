"""Sources a partnership holds: files and forms become reports and row issues."""
