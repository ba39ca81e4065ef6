"""What is done about pull requests: changesets, the rules about open ones, what people said. Pure."""
