"""What must hold of every import, whatever the rows."""
