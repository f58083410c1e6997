"""The pages of one member's node: a door that shows views and hands acts to `node.actions`, and nothing else.

door        every route of the pages, joined to a running node
people      who may sign in at this node: names, roles, passphrases, passkeys, invitations
sessions    who is signed in; tokens against forged and replayed forms; limits on tries
gate        what every request passes: who visits, from where, with which headers it is answered
asking      what a page is made with: views, words in the visitor's language, times in its zone
forms       the fields of a form to the body of an act, and back
acting      preview an act, then sign it
live        tells open pages that something new is on the record
pages       one module for each part of the council
"""
