"""(template, answers) -> files: what each repo should hold, without the network and without Copier's start-up time.

`copier_run` renders the same with Copier itself; it is imported only where something is about to be published.
"""

from syncbot.render.templates import Templates, compile_templates, load_templates

__all__ = ["Templates", "compile_templates", "load_templates"]
