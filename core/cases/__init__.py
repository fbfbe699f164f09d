"""The case: the cells of one smear, what people call them, and what they come to.

Deeds: ``opening``, ``readers``, ``acts``, ``signing``; each asks for its right and is done once. To
look: ``view.read``. What a case says: ``standing``, ``count``, ``agreement``; what a cell may be
called: ``labels``.
"""
