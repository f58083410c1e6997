"""How two nodes reconcile: each publishes static files, each pulls what the other has, without a network in
here.

`layout` says which files a node publishes; `pull` is the state machine that takes them in. The same bytes
travel over HTTP, in a folder and in one archive file.
"""
