"""GitHub through PyGithub, and nothing else imports that: reads become observations, actions become writes."""
