"""The council: what members' acts add up to. A pure fold of the record; nobody can write an outcome.

An act is an entry whose kind this room knows (`bodies`). `fold.Fold` collects acts, and what each author had
seen and by when others held it (`order`). Everything else is derived from that set when it is asked for: who
sits in the council and who may do what (`seats`), the agenda, texts and positions, drafts, decisions. So the
order in which entries arrive makes no difference, and nothing has to be undone when a late one comes.

What it does not do: read a clock (the time is an argument), store or carry anything, sign.
"""
