"""A GitHub-compatible server over real bare git repositories, on loopback, for the demo, rehearsals and tests.

From the inside out: `store` and `records` keep metadata, `repository`, `trees` and `merging` are git in process,
`forge` says who may see and do what; `refs`, `gitdata`, `pulls`, `merge_button`, `issues`, `checks` and `sync` are what
is done to a repository. Over these lie the faces: `rest` (with `rest_*` and `representations_*`), `graphql` (with
`graphql_*`) and `githttp`. `gate` lets every request in, `server` runs it all, `seed` fills it from a folder.
"""
