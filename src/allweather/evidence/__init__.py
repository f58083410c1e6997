"""Evidence: from documents to attributed quotations, word for word, and how sources agree.

Import from the modules: `documents` (what is passed around), `marks` and `attribution` (what was said,
where and by whom), `speakers` (who that is), `words`, `alignment`, `corpus` and `corroboration` (how
texts agree).
"""
