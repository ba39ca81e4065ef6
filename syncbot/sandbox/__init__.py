"""A GitHub-compatible server over real bare git repositories, on loopback, for the demo, rehearsals and tests.

From the inside out: `store` and `records` keep metadata, `repository`, `trees` and `merging` are git in process,
`forge` says who may see and do what, `identity`, `apps` and `roles` who that is; `refs`, `gitdata`, `commit_on_branch`,
`pulls`, `merge_button`, `automerge`, `issues`, `checks` and `sync` are what is done to a repository, `protection`,
`codeowners` and `requirements` what is not allowed. Over these lie the faces: `rest` (with `rest_*` and
`representations_*`), `graphql` (with `graphql_*`) and `githttp`. `gate` lets every request in, `limits` and `faults`
may spoil it, `control` sets clock, limits and faults from outside, `server` runs it all, `seed` fills it from a folder.
"""
