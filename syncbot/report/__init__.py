"""Plans and outcomes to text, JSON, Markdown and the words of pull requests: pure, prints nothing."""
