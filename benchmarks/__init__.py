"""How fast and how large syncbot is, measured; nothing here is a test, and no number here fails one."""
